"""The answer of the page Claims: sums, findings with their dollars and remedies, the lines, a claim's receipt."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from feecalc.charts.ranking import ranking_chart
from feecalc.money import usd
from feecalc.runs.claim_files import Review
from feecalc.ui.pages.claims import address, reviewing
from feecalc.ui.pages.claims.form import Inputs
from feecalc.ui.shared.exports import downloads
from feecalc.ui.shared.figures import facts_line, money_table, picture
from feecalc.ui.shared.opening import Stamp
from feecalc.ui.shared.problems import error_box
from feecalc.ui.shared.words import one_line, plain, sentence

_VERDICTS = {"denies": "denied", "reduces": "reduced", "warns": "questioned"}
_STAKES = {  # a line counts once, by the worst that is found on it
    "denies": "Will be denied, at stake",
    "reduces": "Will be reduced, at stake",
    "warns": "Only questioned, at stake",
}
_MOST_ROWS = 2_000  # of a table on the page; its files hold all
_MOST_BARS = 12
_MOST_NAMED = 40  # lines named for one reason
_MOST_RECEIPTS = 2_000  # claims in a zip
_NOT_KNOWN = "not known"
_FINDINGS = {
    "claim_id": "Claim", "line": "Line", "hcpcs": "Code", "verdict": "Will be", "amount_at_stake": "At stake",
    "detail": "What was found", "remedy": "What to do", "rule": "Rule", "carc": "CARC", "rarc": "RARC",
    "date_of_service": "Date", "stake_reason": "Why no amount", "source": "Source",
}  # fmt: skip
_SERVICE = ("claim_id", "line", "date_of_service", "hcpcs", "modifier_1", "modifier_2", "units", "billed_amount")
_RESULTS = (
    "pricing_status", "allowed_amount", "adjustments", "medicare_paid", "patient_share", "answer", "reason",
    "fee_schedule_amount", "release",
)  # fmt: skip
_WORDS = {
    "answer": "Answer", "pricing_status": "Status", "fee_schedule_amount": "Fee schedule", "allowed_amount": "Allowed",
    "medicare_paid": "Medicare pays", "patient_share": "Patient pays", "reason": "Why",
    "adjustments": "Adjustments", "release": "Release",
}  # fmt: skip


def show(inputs: Inputs, now: Stamp) -> None:
    """Price, check and show. Raises a FeeCalcError for a file that cannot be priced at all."""
    found = reviewing.reviewed(inputs, inputs.mark, now)
    releases = ", ".join(f"{name} ({count:,} lines)" for name, count in found.report.releases.items())
    facts = {"File": inputs.upload.name, "Releases": releases or "none", "Localities": _localities(inputs, found)}
    st.markdown(f"**{plain(sentence(found.check.summary))}**")
    _sums(found)
    facts_line(facts)
    _remarks(found)
    findings, lines, receipts = st.tabs(["Findings", "Lines", "Receipts"])
    name = one_line(Path(inputs.upload.name).stem)
    with findings:
        _findings(found, facts, name)
    with lines:
        _lines(found, facts, name)
    with receipts:
        _receipt(inputs, found, now)


def _sums(found: Review) -> None:
    """Show what was billed and is allowed, and the dollars at stake in the findings."""
    report, stakes = found.report, found.check.stakes
    cards = {
        "Lines priced": f"{report.priced:,} of {report.lines:,}",
        "Billed": "not given" if report.billed_amount is None else usd(report.billed_amount),
        "Allowed": usd(report.allowed_amount),
        "Medicare pays": usd(report.medicare_paid),
        "Patient pays": usd(report.patient_share),
    }
    if found.check.denies:
        cards["Allowed with the denials"] = usd(found.check.allowed.with_denials)
    with st.container(horizontal=True, gap="medium"):  # wraps where the amounts are long
        for label, value in cards.items():
            st.metric(label, plain(value), width="content")
    for column, severity in zip(st.columns(len(_STAKES)), _STAKES, strict=True):
        stake = stakes[severity]
        lines = f"{stake.lines:,} {'line' if stake.lines == 1 else 'lines'}"
        unknown = f", {stake.unknown:,} without an amount" if stake.unknown else ""
        column.metric(
            _STAKES[severity], _NOT_KNOWN if stake.amount is None else plain(usd(stake.amount)),
            lines + unknown, border=True, delta_color="off", delta_arrow="off",
        )  # fmt: skip


def _localities(inputs: Inputs, found: Review) -> str:
    if inputs.given.locality:
        return inputs.given.locality
    named = [found.columns.theirs[column] for column in ("mac", "locality", "zip_code") if column in found.columns]
    return "by the file's " + " and ".join(one_line(heading) for heading in named)


def _remarks(found: Review) -> None:
    """Show by what the lines were looked at, what was not, and how the file was read."""
    check = found.check
    if check.denies and check.allowed.without - check.allowed.with_denials != check.allowed.denied:
        st.caption(plain(sentence(check.allowed_told)))
    if check.not_looked_at:
        lines = check.lines_not_looked_at
        with st.expander(f"Not looked at: {lines:,} {'line' if lines == 1 else 'lines'}", icon=":material/block:"):
            for (reason, remedy), gap in check.not_looked_at.items():
                named = ", ".join(f"{one_line(claim)} line {line}" for claim, line in gap.named[:_MOST_NAMED])
                left = gap.lines - len(gap.named[:_MOST_NAMED])
                named += f" and {left:,} more" if left else ""
                of_lines = "" if gap.lines == 1 else f"{gap.lines:,} lines: "
                st.markdown("- " + plain(f"{of_lines}{named}: {one_line(reason).rstrip('.')}. {remedy}"))
    not_checked = check.not_checked
    if not_checked:
        count = len(not_checked)
        with st.expander(f"Not checked: {count} {'thing' if count == 1 else 'things'}", icon=":material/rule:"):
            for text in not_checked:
                st.markdown("- " + plain(sentence(text)))
    with st.expander("Looked at by", icon=":material/search:"):
        for text in check.looked_at_by:
            st.markdown("- " + plain(sentence(text)))
    if found.notes:
        with st.expander("How the file was read", icon=":material/info:"):
            for text in found.notes:
                st.markdown("- " + plain(sentence(text)))


def _findings(found: Review, facts: dict[str, str], name: str) -> None:
    table = found.found.with_columns(
        pl.col("severity").cast(pl.String).replace(_VERDICTS).alias("verdict"), pl.col("rule").cast(pl.String)
    )
    if table.is_empty():
        whole = not found.check.in_part and not found.check.not_installed
        told = "Nothing was found." if whole else "Nothing was found in what was looked at: see what was not, above."
        (st.success if whole else st.info)(told, icon=":material/check_circle:" if whole else ":material/info:")
        return
    with st.container(horizontal=True):
        severity = st.multiselect(
            "Will be", [verdict for verdict in _VERDICTS.values() if verdict in table["verdict"]], key=address.SEVERITY,
            placeholder="all",
        )  # fmt: skip
        rules = st.multiselect(
            "Rule", sorted(table["rule"].unique()), key=address.RULES, placeholder="all", format_func=_rule
        )
        words = st.text_input("Claim or code", key=address.WORDS, placeholder="all", max_chars=40)
    keep = pl.lit(True)
    if severity:
        keep &= pl.col("verdict").is_in(severity)
    if rules:
        keep &= pl.col("rule").is_in(rules)
    if words.strip():
        wanted = words.strip().upper()
        keep &= (pl.col("claim_id").str.to_uppercase() == wanted) | (pl.col("hcpcs") == wanted)
    kept = table.filter(keep)
    shown = kept.head(_MOST_ROWS).with_columns(pl.col("rule").str.replace_all("_", " "))
    _many(kept, "findings")
    words_for_all = f"{kept.height} findings, each with its remedy and dollars at stake"
    chosen = money_table(shown, _FINDINGS, key="claims_findings", alt=words_for_all, selectable=True)
    _whole(shown, chosen)
    downloads(kept.select(list(_FINDINGS)), f"findings-{name}", facts, key="claims_findings_files")
    _by_rule(found)


def _whole(shown: pl.DataFrame, chosen: Any) -> None:
    """Draw the sentences of the finding that was chosen, whole."""
    rows = chosen.selection.rows if chosen is not None else []
    if not rows or rows[0] >= shown.height:
        st.caption("Choose a finding at its left edge to read all of it.")
        return
    row = shown.row(rows[0], named=True)
    with st.container(border=True):
        stake = row["amount_at_stake"]
        amount = f"{usd(stake)} at stake" if stake is not None else row["stake_reason"]
        st.markdown(plain(f"Claim {one_line(row['claim_id'])}, line {row['line']}, {row['hcpcs']}: {amount}"))
        for label, name in (("Found", "detail"), ("To do", "remedy"), ("Source", "source")):
            st.markdown(f"**{label}:** {plain(one_line(row[name] or ''))}")


def _by_rule(found: Review) -> None:
    """Draw the rules that put the most dollars in question, and name those whose dollars are not known."""
    st.markdown("##### Dollars at stake by rule")
    rules = found.by_rule.with_columns(pl.col("rule").str.replace_all("_", " "))
    bars = rules.drop_nulls("at_stake").head(_MOST_BARS).select(
        pl.col("rule").alias("label"),
        pl.col("at_stake").alias("amount"),
        (pl.col("severity") == "denies").alias("chosen"),
    )  # fmt: skip
    if bars.height:
        words = "; ".join(f"{label} {usd(amount)}" for label, amount, _ in bars.iter_rows())
        picture(ranking_chart, bars, "At stake, USD", alt=f"Dollars at stake by rule: {words}")
        st.caption("Blue: what denies. A line that two rules find counts in both bars, and once in the sums above.")
    lacking = rules.filter(pl.col("unknown") > 0).select("rule", "unknown", "findings")
    if lacking.height:
        named = ", ".join(f"{rule} ({unknown:,} of {findings:,})" for rule, unknown, findings in lacking.iter_rows())
        st.caption(plain(f"Findings whose dollars at stake are not known, and not in the bars: {named}."))


def _lines(found: Review, facts: dict[str, str], name: str) -> None:
    """Draw every line with what pricing added beside its service, and then what else came with it."""
    status = pl.col("pricing_status").cast(pl.String)
    options = sorted(found.report.statuses)
    wanted = st.multiselect(
        "Status", options, key=address.STATUSES, placeholder="all",
        format_func=lambda status: f"{status.replace('_', ' ')} ({found.report.statuses.get(status, 0):,})",
    )  # fmt: skip
    kept = found.priced.filter(status.is_in(wanted)) if wanted else found.priced
    theirs = {name: heading for name, heading in found.columns.theirs.items() if heading in kept.columns}
    service = {theirs[name]: one_line(theirs[name]) for name in _SERVICE if name in theirs}
    results = {name: _WORDS[name] for name in _RESULTS if name in kept.columns and name not in theirs.values()}
    headings = service | results | {heading: one_line(heading) for heading in theirs.values()}
    _many(kept, "lines")
    money_table(
        kept.head(_MOST_ROWS), headings, key="claims_lines", alt=f"{kept.height} claim lines with what Medicare allows"
    )
    st.caption(
        "Adjustments: what a remittance would say of each part of the charge that Medicare does not pay, as group "
        "(CO the provider bears it, PR the patient, OA neither), reason code, remark code and dollars. They add up to "
        "the charge less what Medicare pays, before the denials of the tab Findings."
    )
    downloads(kept, f"priced-{name}", facts, key="claims_lines_files")


def _many(table: pl.DataFrame, what: str) -> None:
    if table.height > _MOST_ROWS:
        st.caption(f"The first {_MOST_ROWS:,} of {table.height:,} {what}; the files below hold all of them.")
    else:
        st.caption(f"{table.height:,} {what}")


def _receipt(inputs: Inputs, found: Review, now: Stamp) -> None:
    """Draw the receipt of one claim and what its record must document, as the commands print them; and all receipts."""
    first = found.found["claim_id"][0] if found.found.height else ""
    such = f", as {one_line(first)}" if first else ""
    claim = st.text_input(
        "Claim", key="claims_receipt", placeholder=f"its number in the file{such}", max_chars=80
    ).strip()
    if not claim:
        st.caption("Give a claim to see every step of its amounts with the sources, and what its record must show.")
    with error_box():
        if claim:
            text = reviewing.receipt(inputs, inputs.mark, claim, now)
            st.code(text, language=None, height=560)
            st.download_button(
                "Receipt as text", text, "receipt.txt", "text/plain", key="claims_receipt_file", on_click="ignore",
                icon=":material/download:", type="tertiary",
            )  # fmt: skip
            _checklist(reviewing.checklist(inputs, inputs.mark, claim, now), claim)
    if 0 < found.check.claims <= _MOST_RECEIPTS:
        st.download_button(
            "All receipts (zip)", partial(reviewing.all_receipts, inputs, now), "receipts.zip", "application/zip",
            key="claims_receipts_zip", on_click="ignore", icon=":material/folder_zip:",
            help="One Markdown file a claim, as feecalc claims --receipts writes them",
        )  # fmt: skip
    elif found.check.claims:
        st.caption(
            f"The receipts of {found.check.claims:,} claims are too many for a zip here: feecalc claims FILE "
            "--receipts FOLDER writes them."
        )


def _checklist(listed: pl.DataFrame, claim: str) -> None:
    """Show what the record of a claim must document, by the policies that cover its codes."""
    st.markdown("##### What the record must show")
    if listed.is_empty():
        st.caption("No policy speaks of a line of this claim.")
        return
    items = [
        f"- ☐ {plain(one_line(text))}{' ' + plain(f'Known here: {one_line(known)}.') if known else ''} "
        f"*{plain(one_line(source))}*"
        for text, known, source in listed.select("text", "known", "source").iter_rows()
    ]
    st.markdown("\n".join(items))
    downloads(listed, f"checklist-{one_line(claim)}", {"Claim": one_line(claim)}, key="claims_checklist_files")


def _rule(name: Any) -> str:
    return str(name).replace("_", " ")
