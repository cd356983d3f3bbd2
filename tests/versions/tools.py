"""The tools whose orders are the measure: each is asked about many pairs at once."""

import glob
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

PYTHON = os.environ.get("PYTHON", "python3")


class Missing(Exception):
    pass


def found(name):
    if shutil.which(name) is None:
        raise Missing(f"{name} is missing")
    return name


def place(variable, *patterns):
    """The first place that is there: the variable's, or one that fits a pattern."""
    for pattern in (os.environ.get(variable, ""), *patterns):
        for path in sorted(glob.glob(pattern)):
            return path
    raise Missing(f"{variable} is not set, and nothing is at {patterns[0]}")


def said(command, text=""):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


class Script:
    """A program that reads pairs, a tab between, and writes `<`, `=`, `>` or `?` for each, `?` where it takes no such
    version."""

    refuses = True

    def __init__(self, command, version):
        self.command, self.version = command, version

    def name(self):
        try:
            return said(self.version()).strip()
        except subprocess.CalledProcessError as error:
            raise Missing(error.stderr.strip().splitlines()[-1]) from error

    def compare(self, pairs):
        if not pairs:
            return []
        lines = said(self.command(), "".join(f"{one}\t{other}\n" for one, other in pairs)).splitlines()
        assert len(lines) == len(pairs), f"{len(lines)} answers to {len(pairs)} questions"
        return lines

    def is_asked(self, version):
        """Whether gleaner means to have this version where the tool has it."""
        return True


def node_semver():
    roots = ["/usr/lib/node_modules/npm/node_modules/semver", "/usr/local/lib/node_modules/npm/node_modules/semver"]
    return place("SEMVER", *roots, "/usr/share/nodejs/semver", "/usr/share/nodejs/npm/node_modules/semver")


NODE = """
const semver = require(process.argv[1]);
for (const line of require("fs").readFileSync(0, "utf8").split("\\n").slice(0, -1)) {
  const [one, other] = line.split("\\t").map((text) => semver.parse(text));
  console.log(one && other ? "<=>"[semver.compare(one, other) + 1] : "?");
}
"""
SEMVER = Script(
    lambda: [found("node"), "-e", NODE, node_semver()],
    lambda: [found("node"), "-p", "'npm semver ' + require(process.argv[1] + '/package.json').version", node_semver()],
)

GO = """
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		pair := strings.Split(lines.Text(), "\\t")
		if semver.IsValid(pair[0]) && semver.IsValid(pair[1]) {
			fmt.Println("<=>"[1+semver.Compare(pair[0], pair[1]) : 2+semver.Compare(pair[0], pair[1])])
		} else {
			fmt.Println("?")
		}
	}
}
"""


class Go(Script):
    """The package that Go's own command uses, from its sources: a program for it is built once."""

    def __init__(self):
        super().__init__(self.built, lambda: [found("go"), "version"])
        self.folder = None

    def built(self):
        if self.folder is None:
            self.folder = tempfile.TemporaryDirectory()
            sources = Path(said(["go", "env", "GOROOT"]).strip(), "src/cmd/vendor/golang.org")
            work = Path(self.folder.name)
            (work / "src").mkdir()
            (work / "src/golang.org").symlink_to(sources)
            (work / "compare.go").write_text(GO)
            environment = os.environ | {"GOPATH": str(work), "GO111MODULE": "off", "GOCACHE": str(work / "cache")}
            subprocess.run(["go", "build", "-o", work / "compare", work / "compare.go"], env=environment, check=True)
        return [Path(self.folder.name, "compare")]


PHP = """
require $argv[1];
$parser = new Composer\\Semver\\VersionParser();
foreach (file("php://stdin", FILE_IGNORE_NEW_LINES) as $line) {
    try {
        [$one, $other] = array_map([$parser, "normalize"], explode("\\t", $line));
        $named = strpos($one, "dev-") === 0 || strpos($other, "dev-") === 0;
        echo $named ? "?" : "<=>"[version_compare($one, $other) + 1], "\\n";
    } catch (UnexpectedValueException $e) {
        echo "?\\n";
    }
}
"""


def composer_semver():
    return place("COMPOSER", "/usr/share/php/Composer/Semver/autoload.php")


PHP_VERSION = "echo 'composer/semver by PHP ', PHP_VERSION;"
COMPOSER = Script(lambda: [found("php"), "-r", PHP, composer_semver()], lambda: [found("php"), "-r", PHP_VERSION])

PACKAGING = """
import sys
from packaging.version import InvalidVersion, Version
for line in sys.stdin:
    try:
        one, other = (Version(text) for text in line.rstrip("\\n").split("\\t"))
        print("<" if one < other else ">" if one > other else "=" if one == other else "?")
    except InvalidVersion:
        print("?")
"""
PACKAGING_VERSION = "import packaging; print('packaging', packaging.__version__)"
PYPI = Script(lambda: [PYTHON, "-c", PACKAGING], lambda: [PYTHON, "-c", PACKAGING_VERSION])

CONAN_COMPARE = """
import re
import sys
from conan.tools.scm import Version
allowed = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_+.-]*")
for line in sys.stdin:
    texts = line.rstrip("\\n").split("\\t")
    one, other = (Version(text) for text in texts)
    if not all(allowed.fullmatch(text) for text in texts):
        print("?")
    else:
        print("<" if one < other else "=" if one == other else ">")
"""
CONAN_VERSION = "import conan; print('conan', conan.__version__)"
CONAN = Script(lambda: [PYTHON, "-c", CONAN_COMPARE], lambda: [PYTHON, "-c", CONAN_VERSION])

RUBY = """
STDIN.each_line(chomp: true) do |line|
  one, other = line.split("\\t")
  valid = Gem::Version.correct?(one) && Gem::Version.correct?(other)
  puts(valid ? "<=>"[(Gem::Version.new(one) <=> Gem::Version.new(other)) + 1] : "?")
end
"""
GEM = Script(lambda: [found("ruby"), "-e", RUBY], lambda: [found("ruby"), "-e", "puts 'rubygems ' + Gem::VERSION"])

LUA = """%{lua:
for line in io.lines("FILE") do
  local one, other = line:match("(.*)\\t(.*)")
  print(({"<", "=", ">"})[rpm.vercmp(one, other) + 2] .. "\\n")
end}"""


class Rpm(Script):
    """Compares any texts; it is `rpmbuild` that refuses some."""

    refuses = False

    def __init__(self):
        super().__init__(None, lambda: [found("rpm"), "--version"])

    def compare(self, pairs):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("".join(f"{one}\t{other}\n" for one, other in pairs))
            file.flush()
            answers = said(["rpm", "--eval", LUA.replace("FILE", file.name)]).split()
        assert len(answers) == len(pairs), f"{len(answers)} answers to {len(pairs)} questions"
        return answers


class Cargo(Script):
    """Cargo compares by the crate `semver`. A test that has it answers, in the version of Cargo.lock."""

    def __init__(self):
        super().__init__(None, lambda: [found("cargo"), "pkgid", "semver"])

    def name(self):
        return "the crate " + super().name().rpartition("#")[2]

    def compare(self, pairs):
        with tempfile.TemporaryDirectory() as folder:
            questions, answers = Path(folder, "questions"), Path(folder, "answers")
            questions.write_text("".join(f"{one}\t{other}\n" for one, other in pairs))
            environment = os.environ | {"GLEANER_QUESTIONS": str(questions), "GLEANER_ANSWERS": str(answers)}
            test = ["cargo", "test", "--workspace", "--quiet", "--test", "decisions", "the_crate_answers_what_it_is_asked"]
            subprocess.run(test, cwd=Path(__file__).parent, env=environment, capture_output=True, check=True)
            lines = answers.read_text().splitlines()
        assert len(lines) == len(pairs), f"{len(lines)} answers to {len(pairs)} questions"
        return lines


class Dpkg(Script):
    def __init__(self):
        super().__init__(None, lambda: [found("dpkg-query"), "-W", "-f", "dpkg ${Version}", "dpkg"])
        self.valid = {}

    def compare(self, pairs):
        return [self.one(*pair) for pair in pairs]

    def one(self, one, other):
        if not (self.takes(one) and self.takes(other)):
            return "?"
        if one == other:
            return "="
        holds = lambda relation: subprocess.run(["dpkg", "--compare-versions", one, relation, other]).returncode == 0
        return "<" if holds("lt") else "=" if holds("eq") else ">"

    def takes(self, version):
        if version not in self.valid:
            command = ["dpkg", "--validate-version", version]
            self.valid[version] = subprocess.run(command, capture_output=True).returncode == 0
        return self.valid[version]


class Maven(Script):
    """The artifact's own main compares each version with the next one. Any text is a version."""

    refuses = False

    def __init__(self):
        super().__init__(None, self.version)

    def version(self):
        found("java")
        return ["unzip", "-p", self.jar(), "META-INF/maven/org.apache.maven/maven-artifact/pom.properties"]

    def name(self):
        properties = super().name().splitlines()
        return "maven-artifact " + next(line[8:] for line in properties if line.startswith("version="))

    def is_asked(self, version):
        """ComparableVersion has builds of a snapshot after its release."""
        return not re.search(r"-[0-9]{8}\.[0-9]{6}-[0-9]+$", version)

    def jar(self):
        return place("MAVEN_ARTIFACT", "/usr/share/maven/lib/maven-artifact-3.x.jar", "/usr/share/maven/lib/maven-artifact-*.jar")

    def compare(self, pairs):
        answers = []
        for start in range(0, len(pairs), 2000):
            versions = [version for pair in pairs[start : start + 2000] for version in pair]
            lines = said(["java", "-jar", self.jar(), *versions]).splitlines()
            signs = [line.split(" ")[-2] for line in lines if line.startswith("   ")]
            assert len(signs) == len(versions) - 1, f"{len(signs)} answers to {len(versions)} versions"
            answers += ["=" if sign == "==" else sign for sign in signs[::2]]
        return answers


RPM = Rpm()
TOOLS = {
    "cargo": Cargo(),
    "composer": COMPOSER,
    "conan": CONAN,
    "debian": Dpkg(),
    "golang": Go(),
    "helm": SEMVER,
    "maven": Maven(),
    "npm": SEMVER,
    "pypi": PYPI,
    "rpm": RPM,
    "rubygems": GEM,
    "terraform_module": SEMVER,
}
