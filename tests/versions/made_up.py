"""Versions that nobody wrote: built from what each ecosystem may write, the odd next to the ordinary."""

import re

import chains

NUMBERS = ["0", "0", "0", "1", "1", "2", "3", "9", "10", "11", "100", "20240101"]
LABELS = ["alpha", "beta", "rc", "a", "b", "x", "dev", "preview", "pre", "A", "rc1", "alpha10", "alpha2", "x-y", "0a", "-"]


def chain(ecosystem, tool, random, count):
    """A part of made-up versions as the tool sorts them, and how many it placed in a circle."""
    versions = [MAKE[ecosystem](random) for _ in range(count)]
    # Maven contradicts itself about versions of which one continues what the other, cut short, equals.
    witnesses = dict.fromkeys(cut for version in versions for cut in cuts(version)) if ecosystem == "maven" else ()
    return chains.sort(f"made up, as {tool.name()} sorts them", versions, tool, witnesses)


def cuts(version):
    ends = [match.start() for match in re.finditer(r"[.-]|(?<=\d)(?=\D)|(?<=\D)(?=\d)", version)]
    return [version[:end] for end in ends if end] + [version]


def numbers(random, low, high):
    """Few different ones first, so that many versions begin alike."""
    count = random.randint(low, high)
    return ".".join([random.choice(["1", "1", "2"]), *(random.choice(NUMBERS) for _ in range(count))][:count])


def maybe(random, text, chance=0.5):
    return text if random.random() < chance else ""


def labels(random):
    return ".".join(random.choice([*LABELS, *NUMBERS]) for _ in range(random.randint(1, 3)))


def semver(random):
    build = maybe(random, "+" + random.choice(["5", "build.7", "incompatible"]), 0.2)
    return numbers(random, 3, 3) + maybe(random, "-" + labels(random), 0.7) + build


def go(random):
    return "v" + random.choice([semver(random), semver(random), numbers(random, 1, 2)])


def helm(random):
    return maybe(random, "v") + semver(random)


def composer(random):
    word = random.choice(["alpha", "beta", "RC", "a", "b", "rc", "patch", "p", "pl", "stable"])
    own = random.choice(["", "", "1", "2", "10", ".3", "-4", "2.1"])
    stability = random.choice(["-", ".", "_", ""]) + word + own + maybe(random, "-dev", 0.2)
    branch = random.choice(["1.x-dev", "1.0.x-dev", "2.1.x-dev", "1.1-dev", "1.x.dev", "3-dev"])
    date = random.choice(["2024-01-02", "20240102", "2024.01.02", "20240102-1", "201912"])
    ordinary = maybe(random, "v", 0.3) + numbers(random, 1, 4) + maybe(random, stability, 0.7)
    return random.choice([ordinary] * 8 + [branch, date])


def pypi(random):
    word = random.choice(["a", "b", "rc", "alpha", "beta", "c", "pre", "preview"])
    pre = random.choice(["", ".", "-", "_"]) + word + random.choice(["", "0", "1", "2", "10"])
    post = random.choice([".post1", ".post10", "-1", ".post2", "-r3", ".rev", "post"])
    dev = random.choice([".dev0", ".dev1", ".dev10", "dev2", ".dev"])
    local = "+" + random.choice(["5", "10", "abc", "abc.5", "ubuntu-1", "0.a"])
    epoch = maybe(random, "1!", 0.1)
    release = epoch + numbers(random, 1, 4)
    return release + maybe(random, pre) + maybe(random, post, 0.3) + maybe(random, dev, 0.3) + maybe(random, local, 0.2)


def maven(random):
    words = ["alpha", "beta", "milestone", "rc", "cr", "snapshot", "SNAPSHOT", "ga", "Final", "RELEASE", "sp", "SP"]
    words += ["a", "b", "m", "x", "foo", "jre", "redhat", "BUILD", "_1"]
    version = numbers(random, 1, 3)
    for _ in range(random.randint(0, 3)):
        version += random.choice([".", "-", "-", ""]) + random.choice([*words, *words, *NUMBERS])
    return version + random.choice(["", "", "", "-", ".", "-1", ".0"])


def gem(random):
    version = numbers(random, 1, 3)
    for _ in range(random.randint(0, 3)):
        version += random.choice([".", ".", "-"]) + random.choice(["a", "b", "pre", "rc", "rc1", "B", "beta2", *NUMBERS])
    return version


def debian(random):
    text = lambda low, high: "".join(random.choice("0011.2a~~+Zz.") for _ in range(random.randint(low, high)))
    upstream = random.choice("0112") + text(0, 5)
    revision = "-" + text(1, 3)
    return maybe(random, random.choice(["0:", "1:"]), 0.1) + upstream + maybe(random, revision)


def rpm(random):
    text = lambda low, high: "".join(random.choice("00112.a.~^_+Z") for _ in range(random.randint(low, high)))
    return maybe(random, random.choice(["0:", "1:"]), 0.1) + text(1, 6) + maybe(random, "-" + text(1, 3), 0.3)


def conan(random):
    """A text with a number of several digits before it would lead into the circle that src/package/version/conan.rs
    tells of."""
    item = lambda: random.choice(["0", "1", "2", "9", "a", "b", "1a", "1b", "2w", "rc", "cci"])
    version = ".".join([random.choice("112"), *(item() for _ in range(random.randint(0, 3)))])
    pre = "-" + random.choice(["alpha", "beta.1", "beta.2", "beta.10", "rc.1", "1", "2", "pre-1"])
    return version + maybe(random, pre, 0.4) + maybe(random, "+" + random.choice(["1", "2", "10", "b"]), 0.2)


MAKE = {
    "cargo": semver,
    "composer": composer,
    "conan": conan,
    "debian": debian,
    "golang": go,
    "helm": helm,
    "maven": maven,
    "npm": semver,
    "pypi": pypi,
    "rpm": rpm,
    "rubygems": gem,
    "terraform_module": semver,
}
