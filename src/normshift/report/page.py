"""Everything the stage writes, as text by path: the page, its figures and their tables."""

import re

from jinja2 import Environment, PackageLoader, StrictUndefined

from normshift.figures import style
from normshift.figures.numbers import setting, share
from normshift.figures.svg import standalone
from normshift.params import Cell, Config
from normshift.report import controls as machinery
from normshift.report import evidence, headline, provenance, words
from normshift.report.claims import Section, section
from normshift.report.comparison import Comparison, comparison
from normshift.report.evidence import Shown
from normshift.report.explorer import explorer
from normshift.report.limits import limits
from normshift.report.material import Material
from normshift.report.reproductions import Told, told
from normshift.report.whisker import multiples


def files(config: Config, material: Material) -> dict[str, str]:
    """Return the page, its figures and tables; paths are relative to the folder of reports."""
    sections = claims(config, material)
    figures = evidence.gallery(
        list(config.claims.claims), material.studies, config.claims.rules, _reference(config).model.name
    )
    again = told(material.results, config.claims.rules)
    own = [*(one.own for one in sections), *(one.figure for one in again if one.figure)]
    drawn = [shown for shown in [*figures.values(), *own] if not shown.reason]
    texts = {"index.html": page(config, material, sections, figures, again)}
    for shown in drawn:
        texts[f"figures/{shown.name}.svg"] = standalone(str(shown.drawing))
        texts[f"tables/{shown.name}.csv"] = shown.table
    return texts


def claims(config: Config, material: Material) -> list[Section]:
    """Return the sections of the claims that were judged, by number: C4b before C15."""
    records = material.verdicts["claims"]
    limit, rules, run = multiples(records.values()), config.claims.rules, provenance.factors(material)
    registered = {
        name: config.claims.claims[name] for name in sorted(config.claims.claims, key=_number) if name in records
    }
    return [
        section(
            name,
            claim,
            records[name],
            evidence.effects(name, claim, records[name], material.effects, rules),
            limit,
            run,
        )
        for name, claim in registered.items()
    ]


def _reference(config: Config) -> Cell:
    return next(iter(config.studies.values())).cell


def _number(name: str) -> tuple[str, int, str]:
    letters, digits, rest = re.fullmatch(r"(\D*)(\d*)(.*)", name).groups()
    return letters, int(digits or 0), rest


def page(
    config: Config, material: Material, sections: list[Section], figures: dict[str, Shown], again: list[Told]
) -> str:
    """Return the page: the template filled with the views; an undefined name is an error, all text is escaped."""
    loader = PackageLoader("normshift.report")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    records = {one.name: one.record for one in sections}
    runs = compared(config, material)
    return environment.get_template("page.html").render(
        config=config,
        palette=style.css(),
        line=provenance.line(config, material),
        answer=headline.answer(material.thread, records),
        tally=headline.tally(records),
        elsewhere=headline.elsewhere(records, runs),
        runs=runs,
        again=again,
        sections=sections,
        figures=figures,
        founding=evidence.FOUNDING,
        strip=evidence.STRIP,
        explorer=explorer(material.studies, _reference(config).model.name),
        apart=evidence.APART,
        controls=evidence.CONTROLS,
        machinery=machinery.controls(material.verdicts["controls"]),
        thread=material.thread,
        told=[name for asked in material.thread for name in asked["claims"]],
        limits=limits(_reference(config), material),
        rules=rules(config),
        words=words,
        confidence=share(words.CONFIDENCE).replace(".0 ", " "),
        power=share(words.POWER).replace(".0 ", " "),
        digests=provenance.digests(config, material),
        versions=provenance.versions(),
        networks=provenance.networks(config, material),
        processor=material.processor,
        source=material.source,
        handled=provenance.handled(config.data),
        first=_first(sections),
    )


def compared(config: Config, material: Material) -> dict[str, Comparison]:
    """Return what became of the verdicts of each other run in this one."""
    sentences = {name: claim.sentence for name, claim in config.claims.claims.items()}
    return {name: comparison(other, material.summary, sentences) for name, other in material.others.items()}


def _first(sections: list[Section]) -> dict[str, str]:
    """Return in which claim's section each figure is drawn: its first; elsewhere it is linked."""
    places = {evidence.FOUNDING: "top"}
    for one in sections:
        for name in one.figures:
            places.setdefault(name, one.name)
    return places


def rules(config: Config) -> dict[str, str]:
    """Return the numbers of the rule, formatted."""
    own = config.claims.rules
    return {
        "seeds": setting(own.seeds),
        "chance": f"1 in {1 / own.tail:,.0f}",
        "early": share(own.early).replace(".0 ", " "),
        "late": share(own.late).replace(".0 ", " "),
        "memorised": setting(own.memorised),
        "levels": ", ".join(setting(level) for level in own.levels),
        "learns": ", ".join(f"{setting(value)} in regime {name}" for name, value in own.learns.items()),
    }
