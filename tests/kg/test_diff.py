"""What differs between two builds is told as a curator would tell it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kg.build import build
from kg.diff.changes import Diff, Texts, Things, compare_builds, describe
from kg.diff.sides import Side, open_side, split_lines
from kg.diff.versions import Version, pair_versions
from kg.errors import NotFoundError, StoreError
from kg.graph import open_build
from kg.release.folder import write_release
from kg.settings import Settings
from kg.stores.connect import Build, find_build

from ..conftest import CORPUS
from .test_cli import run

CALM, DOUBTS = "sleep/calm-nights/claims.toml", "sleep/veltrine-doubts/claims.toml"
FRESH = """
[[claim]]
id = "fresh"
statement = "Veltrine alleviates dizziness."
phrase = "slept longer"
at = [210, 267]
subject = "veltrine"
relation = "alleviates"
object = "dizziness"
"""


@dataclass(frozen=True)
class Two:
    settings: Settings
    before: Build
    after: Build

    @property
    def diff(self) -> Diff:
        return compare_builds(self.side(self.before), self.side(self.after))

    def side(self, build_: Build) -> Side:
        return open_side(build_.digest[:12], self.settings)


def edit(settings: Settings, name: str, *changes: tuple[str, str], more: str = "") -> None:
    path = settings.data / name
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text + more, encoding="utf-8")


def build_two(folder: Path, change: Callable[[Settings], None]) -> Two:
    shutil.copytree(CORPUS / "data", folder / "data")
    settings = Settings(data=folder / "data", builds=folder / "builds", sources=(CORPUS / "texts",), workers=1)
    before = build(settings)
    change(settings)
    return Two(settings, before, build(settings))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    """A build, and one with something of everything changed."""

    def change(settings: Settings) -> None:
        edit(
            settings,
            CALM,
            ('"Veltrine is an antagonist of the orexal receptor."', '"Veltrine blocks the orexal receptor."'),
            ('evidence = "clinical-study"\n', ""),
            ("value = 40", "value = 40, about = true"),
            ("at = [43, 62]", "at = [27, 62]"),
            more=FRESH,
        )
        text = (settings.data / DOUBTS).read_text(encoding="utf-8")
        start = text.index('[[claim]]\nid = "dreams"')
        end = text.index("[[claim]]", start + 5)
        (settings.data / DOUBTS).write_text(text[:start] + text[end:], encoding="utf-8")
        edit(settings, DOUBTS, ('relation = "increases_activity_of"', 'relation = "acts_on"'))
        edit(settings, "sleep/veltrine-doubts/document.toml", ("Doubts about veltrine", "Doubts"))
        edit(settings, "entities/all.toml", ('also = ["glutanole"]', 'also = ["glutanole", "GLT"]'))

    return build_two(tmp_path_factory.mktemp("two"), change)


def test_changed_claims_say_what_changed_from_what_to_what(two: Two) -> None:
    claims = two.diff.claims
    assert list(claims) == ["calm-nights", "veltrine-doubts"]
    calm = {c.title: dict(c.features) for c in claims["calm-nights"].changed}
    assert calm == {
        "Veltrine blocks the orexal receptor.": {
            "statement": ("Veltrine is an antagonist of the orexal receptor.", "Veltrine blocks the orexal receptor.")
        },
        "A study found longer sleep in 40% of insomnia patients on veltrine.": {
            "figures": (
                "40 percent, patients who slept longer, patient",
                "about 40 percent, patients who slept longer, patient",
            ),
            "evidence": ("clinical-study", ""),
        },
    }
    doubts = [(c.title, dict(c.features)) for c in claims["veltrine-doubts"].changed]
    assert doubts == [
        (
            "Veltrine makes glutanol more active.",
            {
                "relation": ("increases_activity_of", "acts_on"),
                "direction": ("increase", "unspecified"),
                "object": ("glutanol:activity:increased", "glutanol:activity"),
            },
        )
    ]


def test_claims_are_added_removed_and_moved(two: Two) -> None:
    claims = two.diff.claims
    (added,) = claims["calm-nights"].added
    assert (added.statement, added.act, added.certainty, added.passage) == (
        "Veltrine alleviates dizziness.", "asserts", "stated", "210-267",
    )  # fmt: skip
    assert not claims["calm-nights"].removed and not claims["veltrine-doubts"].added
    (removed,) = claims["veltrine-doubts"].removed
    assert removed.statement == "Vivid dreams are a common side effect of veltrine."
    (moved,) = claims["calm-nights"].moved
    assert dict(moved.features) == {"antecedents": ("43-62", "27-62")}
    assert not claims["veltrine-doubts"].moved


def test_documents_entities_disagreements_and_the_rest(two: Two) -> None:
    found = two.diff
    (document,) = found.things["document"].changed
    assert (document.id, dict(document.features)) == (
        "veltrine-doubts", {"title": ("Doubts about veltrine", "Doubts")},
    )  # fmt: skip
    (entity,) = found.things["entity"].changed
    assert (entity.id, dict(entity.features)) == ("glutanol", {"alt label": ("glutanole", "GLT, glutanole")})
    assert "work" not in found.things
    assert [text.partition(":")[0] for text in found.disagreements.went] == ["hard direction"]
    assert [text.partition(":")[0] for text in found.disagreements.came] == ["apparent aspect", "apparent role"]
    assert not found.chains.came and not found.chains.went, "its steps are what they were"
    assert not found.same


def test_words_for_a_curator(two: Two) -> None:
    lines = list(describe(two.diff))
    for line in (
        "document changed: veltrine-doubts (Doubts)",
        "    title: Doubts about veltrine → Doubts",
        "calm-nights: claim added: Veltrine alleviates dizziness. (asserts, stated, at 210-267)",
        "    evidence: clinical-study → (nothing)",
        "calm-nights: 1 claims only stand in another place",
    ):
        assert line in lines
    assert any(line.startswith("disagreement that went: hard direction: veltrine on glutanol") for line in lines)
    digests = f"from {two.before.digest[:12]} to {two.after.digest[:12]}"
    assert lines[-1] == f"claims: 1 added, 1 removed, 3 changed, 1 moved; {digests}"


def test_backwards_is_the_opposite(two: Two) -> None:
    there, back = two.diff, compare_builds(two.side(two.after), two.side(two.before))
    for document, claims in there.claims.items():
        other = back.claims[document]
        assert [n.id for n in claims.added] == [n.id for n in other.removed]
        assert [{k: (b, a) for k, (a, b) in c.features.items()} for c in claims.changed] == [
            dict(c.features) for c in other.changed
        ]
    assert there.disagreements.went == back.disagreements.came
    assert there.statements == back.statements[::-1]


def test_a_document_that_is_gone_is_counted_not_listed(tmp_path: Path) -> None:
    def change(settings: Settings) -> None:
        shutil.rmtree(settings.data / "sleep/veltrine-doubts")
        entities = settings.data / "entities/all.toml"
        entities.write_text(entities.read_text().replace("GLT", ""))

    two = build_two(tmp_path, change)
    lines = list(describe(two.diff))
    assert "document removed: veltrine-doubts (Doubts about veltrine), with 8 claims" in lines
    assert not any(line.startswith("veltrine-doubts: ") for line in lines)
    assert len(two.diff.claims["veltrine-doubts"].removed) == 8
    assert lines[-1].startswith("claims: 0 added, 8 removed, 0 changed, 0 moved")


def test_very_many_things_are_counted() -> None:
    side = Side("x", "ab" * 32, "http://e.org/", Path("x"))
    things = {"entity": Things(added={f"e-{n}": f"E {n}" for n in range(40)})}
    lines = list(describe(Diff(side, side, {}, things, Texts(), Texts(), {}, (40, 0))))
    assert lines[29:31] == ["entity added: e-29 (E 29)", "    and 10 more of these; --json has all"]
    assert len(lines) == 32


def test_sides_are_folders_files_releases_and_digests(two: Two, tmp_path: Path) -> None:
    with open_build(two.settings, two.after) as graph:
        write_release(graph, two.after, tmp_path / "release", ["parquet", "arrow"])
    shuffled = tmp_path / "shuffled.nq"
    lines = two.after.quads.read_text(encoding="utf-8").splitlines(keepends=True)
    shuffled.write_text("# a comment\n" + "".join(reversed(lines)), encoding="utf-8")
    for name in (two.after.folder, two.settings.builds, two.after.quads, tmp_path / "release", two.after.digest[:8]):
        side = open_side(str(name), two.settings)
        assert (side.digest, side.base) == (two.after.digest, two.settings.base)
    found = compare_builds(two.side(two.after), open_side(str(shuffled), two.settings))
    assert found.same and found.before.digest != found.after.digest


def test_the_command_tells_by_its_code(two: Two, tmp_path: Path) -> None:
    one, other = two.before.digest[:10], two.after.digest
    done = run(two.settings, "diff", one)
    assert done.returncode == 1
    assert done.stdout.splitlines() == list(describe(two.diff))
    assert run(two.settings, "diff", other, str(two.after.quads)).stdout == f"the same: {other}\n"
    assert run(two.settings, "diff", other).returncode == 0
    found = json.loads(run(two.settings, "diff", one, other, "--json").stdout)
    assert found["same"] is False and found["after"]["digest"] == other
    assert [c["title"] for c in found["claims"]["veltrine-doubts"]["changed"]] == [
        "Veltrine makes glutanol more active."
    ]
    for arguments, told in ((["nothing"], "0 builds begin with"), ([str(tmp_path)], "neither a build")):
        refused = run(two.settings, "diff", *arguments)
        assert refused.returncode == 2 and told in refused.stderr


def test_what_is_no_side_is_told(two: Two, tmp_path: Path) -> None:
    (tmp_path / "x.nq").write_text("<a:b> <a:c> <a:d> .\n")
    with pytest.raises(StoreError, match="no N-Quads of a build"):
        open_side(str(tmp_path / "x.nq"), two.settings)
    with pytest.raises(NotFoundError, match="0 builds begin with ''"):
        find_build(two.settings, "")
    (tmp_path / "y.nq").write_text("<http://e.org/a> <a:c> <a:d> <http://e.org/graph/works> .\n")
    with pytest.raises(StoreError, match=r"has http://e\.org/: 'kg build' one with KG_BASE"):
        compare_builds(two.side(two.before), open_side(str(tmp_path / "y.nq"), two.settings))


def test_lines_are_split_as_sets_are() -> None:
    a, b = [b"1", b"3", b"5", b"7"], [b"2", b"3", b"7", b"8", b"9"]
    assert split_lines(a, b) == ([b"1", b"5"], [b"2", b"8", b"9"])
    assert split_lines([], b) == ([], b) and split_lines(a, []) == (a, [])


# The rule of pairs


def version(id_: str, statement: str, place: tuple[int, int] | None, **features: str) -> Version:
    ends = (features.pop("subject", "s"), features.pop("object", "o"))
    document, text = features.pop("document", "d"), features.pop("text", "t")
    return Version(
        id_, document, {"statement": statement, **features}, features.get("proposition", id_), ends,
        (text, *place) if place else None, frozenset(features.get("record", "").split()),
    )  # fmt: skip


def paired(*versions: Version) -> set[tuple[str, str]]:
    gone = [v for v in versions if v.id.startswith("a")]
    return {(one.id, other.id) for one, other in pair_versions(gone, (v for v in versions if v not in gone))}


def test_pairs_overlap_and_share_an_end() -> None:
    old = version("a", "x", (10, 20))
    assert paired(old, version("b", "y", (19, 30))) == {("a", "b")}
    assert paired(old, version("b", "y", (20, 30))) == set()
    assert paired(old, version("b", "y", (10, 20), subject="p", object="q")) == set()
    assert paired(old, version("b", "y", (10, 20), text="other")) == set(), "offsets of another text mean nothing"
    assert paired(old, version("b", "x", None, subject="p", object="q")) == {("a", "b")}, "the same statement"
    assert paired(old, version("b", "x", (10, 20), document="e")) == set()


def test_without_a_place_records_and_phrases_tell() -> None:
    assert paired(version("a", "x", None, record="r1 r2"), version("b", "y", None, record="r2")) == {("a", "b")}
    assert paired(version("a", "x", None, record="r1"), version("b", "y", None, record="r2")) == set()
    phrased = version("a", "x", (1, 5), phrase="p"), version("b", "y", (50, 55), phrase="p", text="revised")
    assert paired(*phrased) == {("a", "b")}


def test_the_best_pair_wins_and_none_is_paired_twice() -> None:
    old = version("a1", "x", (0, 10)), version("a2", "y", (0, 10), proposition="p")
    new = version("b1", "z", (0, 4), proposition="p"), version("b2", "z2", (0, 10)), version("b3", "z3", (0, 9))
    assert paired(*old, *new) == {("a1", "b2"), ("a2", "b1")}
