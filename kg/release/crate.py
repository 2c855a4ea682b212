"""The metadata of a release, as an RO-Crate: what it is, which files it has, what they were made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.exports.origin import TITLE
from kg.release.leaflets import ABSTRACT, SPDX, Contents, file_of
from kg.stores.connect import hash_file

METADATA = "ro-crate-metadata.json"
SUMS = "SHA256SUMS"
_RO_CRATE = "https://w3id.org/ro/crate/1.2"
#: The files that are no format, with their media types and what they are.
_OTHERS = {
    "README.md": ("text/markdown", "What the release is and how to read it."),
    "LICENSE": ("text/plain", "What may be done with the data."),
    "CITATION.cff": ("application/yaml", "How to cite the release, for programs."),
    SUMS: ("text/plain", "The SHA-256 of every other file."),
}


def write_crate(contents: Contents, folder: Path) -> str:
    """Return the metadata of a release whose files stand in a folder, as JSON-LD that is always the same."""
    origin = contents.origin
    files = [*_describe_formats(contents, folder), *_describe_others(folder)]
    sources = [_describe_document(row) for row in contents.documents]
    publisher = {"@id": f"{origin.base}agent/claimgraph", "@type": "Organization", "name": TITLE, "url": origin.base}
    licences = [
        {"@id": origin.licence, "@type": "CreativeWork", "name": SPDX, "url": origin.licence},
        *({"@id": other, "@type": "CreativeWork", "name": other} for other in contents.licences if other),
    ]
    licences = list({entity["@id"]: entity for entity in reversed(licences)}.values())[::-1]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{TITLE}: claims of {len(contents.documents)} documents",
        "description": ABSTRACT,
        "datePublished": origin.date,
        "version": contents.version,
        "identifier": f"sha256:{origin.digest}",
        "creditText": origin.citation,
        "url": origin.base,
        "license": _refer(*licences),
        "author": _refer(publisher),
        "publisher": _refer(publisher),
        "isBasedOn": _refer(*sources),
        "hasPart": _refer(*files),
    }
    descriptor = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _RO_CRATE},
        "about": {"@id": "./"},
        "license": {"@id": origin.licence},
    }
    graph = [descriptor, root, *files, publisher, *licences, *sources]
    return json.dumps({"@context": f"{_RO_CRATE}/context", "@graph": graph}, ensure_ascii=False, indent=1) + "\n"


def _refer(*entities: Mapping[str, Any]) -> Any:
    found = [{"@id": entity["@id"]} for entity in entities]
    return found[0] if len(found) == 1 else found


def _describe_formats(contents: Contents, folder: Path) -> list[dict[str, Any]]:
    return [
        _describe_file(
            folder / file_of(form), form.media_type, form.summary, f"Keeps: {form.keeps} Loses: {form.loses}"
        )
        for form in contents.formats
    ]


def _describe_others(folder: Path) -> list[dict[str, Any]]:
    return [_describe_file(folder / name, media_type, told) for name, (media_type, told) in _OTHERS.items()]


def _describe_file(path: Path, media_type: str, name: str, description: str = "") -> dict[str, Any]:
    told = {"@id": path.name, "@type": "File", "name": name, "encodingFormat": media_type}
    told |= {"description": description} if description else {}
    if path.name == SUMS:  # which quotes the digest of this description
        return told
    return told | {"contentSize": str(path.stat().st_size), "sha256": hash_file(path)}


def _describe_document(row: Mapping[str, Any]) -> dict[str, Any]:
    known = {"datePublished": row.get("issued"), "inLanguage": row.get("language"), "sha256": row.get("source_sha256")}
    told = {key: value for key, value in known.items() if value}
    return {"@id": str(row["iri"]), "@type": "CreativeWork", "name": row["title"], **told}
