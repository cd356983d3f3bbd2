"""Recorded orders: reading, writing, and sorting by a tool."""

from dataclasses import dataclass, field


@dataclass
class Part:
    """Groups of equal versions, ascending; or texts that are no versions."""

    title: str
    groups: list = field(default_factory=list)
    refused: list = field(default_factory=list)

    def versions(self):
        return [version for group in self.groups for version in group]

    def is_refused(self):
        return bool(self.refused)


def read(path):
    parts = []
    for line in path.read_text().splitlines():
        if line.startswith("# "):
            parts.append(Part(line[2:]))
        elif line.startswith("? "):
            parts[-1].refused.append(line[2:])
        elif line:
            parts[-1].groups.append(line.split(" "))
    return parts


def write(parts):
    lines = []
    for part in parts:
        lines.append(f"# {part.title}")
        lines += [" ".join(group) for group in part.groups]
        lines += [f"? {text}" for text in part.refused]
    return "\n".join(lines) + "\n"


def pairs(parts, tool=None):
    """Every pair of each part with what is to be said of it. A refused text makes a pair with itself, where the tool
    refuses any."""
    found = []
    for part in parts:
        placed = [(place, version) for place, group in enumerate(part.groups) for version in group]
        for number, (place, version) in enumerate(placed):
            found += [(version, other, "=" if place == next_place else "<") for next_place, other in placed[number + 1 :]]
        found += [(text, text, "?") for text in part.refused if tool is None or tool.refuses]
    return found


def sort(title, versions, tool, witnesses=()):
    """Inserts one version after the other, and leaves out what the tool refuses or places in a circle, be it by way of a
    witness. Returns the part and how many the tool ordered in a circle."""
    versions = list(dict.fromkeys(versions))
    asked = [(one, other) for one in versions for other in dict.fromkeys([*versions, *witnesses])]
    answers = dict(zip(asked, tool.compare(asked)))
    part, circular = Part(title), 0
    for version in versions:
        if answers[version, version] == "?":
            continue
        said = "".join(answers[version, group[0]] for group in part.groups)
        place = said.count(">")
        is_placed = said in (">" * place + "<" * (len(said) - place), ">" * place + "=" + "<" * (len(said) - place - 1))
        placed = part.versions()
        if not is_placed or any(is_circle(version, other, witness, answers) for other in placed for witness in witnesses):
            circular += 1
        elif said[place : place + 1] == "=":
            part.groups[place].append(version)
        else:
            part.groups.insert(place, [version])
    return part, circular


def is_circle(one, other, witness, answers):
    """Whether what the tool says of two versions contradicts what it says of each of them and a third one."""
    between = {answers[one, witness], turned(answers[other, witness])}
    return len(between - {"="}) == 1 and answers[one, other] not in between - {"="}


def turned(answer):
    return {"<": ">", ">": "<"}.get(answer, answer)
