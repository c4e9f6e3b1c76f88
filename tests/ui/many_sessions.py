"""Many people at the app at once, for as long as is asked: every answer checked, memory noted, and the server ended.

    python tests/ui/many_sessions.py [--sessions 20] [--seconds 120] [--root CHECKOUT]

The server is the one that ``feecalc app`` starts, with the starter data. Each session is a websocket that speaks as a
browser does (streamlit's own messages). It opens a fee by a link, turns to Claims, drops in a file of its own, turns to
Practice forecast, and comes back by a link to Localities. No two sessions ask the same at the same time; each answer
must be the package's, worked out beforehand in this process, and every claim shown the session's own. Ends with 1 where
an answer was wrong or did not come, or where the server did not end in time after SIGTERM, which it gets while the
sessions still ask.

Not a test: pytest does not collect it. ``--root`` runs another checkout's server, so that old and new can be compared.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl
import psutil
import pyarrow as pa
import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

ROOT = Path(__file__).resolve().parents[2]
ANSWER_SECONDS = 90  # without an answer for so long the app stands still
STOP_SECONDS = 3
COPIES = 25  # of the sample's lines in each claim file
MOST_YEARS = 5
FORECAST_DRAWS = 500


class Wrong(Exception):
    """An answer that is not the one expected, or none."""


@dataclass
class Expected:
    """What the package says, worked out before the server is asked."""

    fees: list[tuple[dict[str, str], str]] = field(default_factory=list)  # a link's parameters, the amount
    places: list[tuple[str, list[str]]] = field(default_factory=list)  # a code, each locality's amount from the highest
    nets: dict[int, str] = field(default_factory=dict)  # years ahead, the net of all of them
    files: list[tuple[str, bytes, dict[str, str], set[str]]] = field(default_factory=list)  # name, bytes, sums, claims


@dataclass
class Met:
    """What the sessions met."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)  # MB of the server, in time
    last_answer: float = field(default_factory=time.monotonic)
    over: bool = False


def money(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def expect(sessions: int, folder: Path) -> Expected:
    """The package's own answers from the starter data."""
    from typer.testing import CliRunner

    from feecalc import open_schedule
    from feecalc.cli import app
    from feecalc.runs.claim_files import review
    from feecalc.scenarios.basket.localities import basket_across_localities

    found, schedule = Expected(), open_schedule()
    codes = schedule.rvu.filter(pl.col("status_indicator") == "A", pl.col("modifier") == "")["hcpcs"].to_list()
    localities = [each.key for each in schedule.all_localities]
    for number, code in enumerate(codes * 4):
        place = localities[number * 7 % len(localities)]
        price = schedule.price(code, locality=place, place_of_service="11")
        if price.allowed_amount is not None:
            found.fees.append(({"code": code, "locality": place}, money(price.allowed_amount)))
    for code in codes:
        volume = pl.DataFrame({"hcpcs": [code], "place_of_service": ["11"], "units": [1]})
        compared = basket_across_localities(schedule, volume)
        if compared.units:
            found.places.append((code, [f"{amount:.2f}" for amount in compared.places["amount"]]))
    scenario = ROOT / "data" / "samples" / "scenario.toml"
    for years in range(1, MOST_YEARS + 1):
        told = CliRunner().invoke(app, ["forecast", str(scenario), "--years", str(years), "--draws", "100", "--json"])
        found.nets[years] = f"${round(Decimal(json.loads(told.stdout)['net'])):,}"
    sample = pl.read_csv(ROOT / "data" / "samples" / "claims.csv", infer_schema=False)
    for session in range(sessions):
        lines = pl.concat(
            sample.with_columns(
                pl.format("S{}-{}-{}", pl.lit(session), pl.lit(copy), "Claim #").alias("Claim #"),
                (pl.col("Charge").cast(pl.Decimal(12, 2)) + session).cast(pl.String).alias("Charge"),
            )
            for copy in range(COPIES)
        )
        path = folder / f"claims of {session}.csv"
        lines.write_csv(path)
        own = review(path)
        sums = {
            "Lines priced": f"{own.report.priced:,} of {own.report.lines:,}",
            "Billed": money(own.report.billed_amount),
            "Allowed": money(own.report.allowed_amount),
        }
        found.files.append((path.name, path.read_bytes(), sums, set(own.found["claim_id"])))
    return found


class Session:
    """A browser's tab: a websocket, and what stands on its page."""

    def __init__(self, address: str) -> None:
        self.address, self.elements, self.pages, self.files = address, {}, {}, {}
        self.cookies = requests.get(f"{address}/_stcore/health", timeout=ANSWER_SECONDS).cookies
        self.token = self.cookies.get("_streamlit_xsrf", "")
        self.known: dict[str, ForwardMsg] = {}
        self.page = self.session_id = self.query = ""

    async def __aenter__(self) -> Session:
        cookie = "; ".join(f"{each.name}={each.value}" for each in self.cookies)
        self.socket = await connect(
            f"{self.address.replace('http', 'ws')}/_stcore/stream",
            origin=self.address,
            additional_headers={"Cookie": cookie} if cookie else {},
            subprotocols=["streamlit", self.token] if self.token else ["streamlit"],
            max_size=None,
            open_timeout=ANSWER_SECONDS,
            ping_timeout=ANSWER_SECONDS,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def look(self, page: str, **parameters: str) -> None:
        """Open a page by a link, or turn to it, and wait until it is drawn."""
        self.page, self.query = page, urlencode(parameters)
        await self._run(page)

    async def drop(self, name: str, content: bytes) -> None:
        """Drop a file into the page's first box, and wait until the page is drawn."""
        ask = BackMsg()
        ask.file_urls_request.request_id, ask.file_urls_request.session_id = "1", self.session_id
        ask.file_urls_request.file_names.append(name)
        await self.socket.send(ask.SerializeToString())
        message = await self._until("file_urls_response")
        (to,) = message.file_urls_response.file_urls
        sent = await asyncio.to_thread(
            requests.put,
            self.address + to.upload_url,
            files={name: (name, content, "text/csv")},
            cookies=self.cookies,
            headers={"X-Xsrftoken": self.token, "Origin": self.address},
            timeout=ANSWER_SECONDS,
        )
        if sent.status_code >= 300:
            raise Wrong(f"the upload was answered with {sent.status_code}: {sent.text[:200]}")
        box = next(each.file_uploader for each in self.of("file_uploader"))
        self.files[box.id] = (name, len(content), to)
        await self._run(self.page)

    async def _run(self, page: str) -> None:
        ask = BackMsg()
        state = ask.rerun_script
        state.query_string, state.page_name = self.query, page
        state.page_script_hash = self.pages.get(page, "")
        for box, (name, size, to) in self.files.items():
            widget = state.widget_states.widgets.add()
            widget.id = box
            info = widget.file_uploader_state_value.uploaded_file_info.add()
            info.name, info.size, info.file_id = name, size, to.file_id
            info.file_urls.CopyFrom(to)
        await self.socket.send(ask.SerializeToString())
        await self._until("script_finished")
        for each in self.of("exception"):
            raise Wrong(f"{self.page}?{self.query}: {each.exception.type}: {each.exception.message}")

    async def _until(self, kind: str) -> ForwardMsg:
        """Take in what the server sends until a message of that kind."""
        while True:
            try:
                data = await asyncio.wait_for(self.socket.recv(), ANSWER_SECONDS)
            except TimeoutError:
                raise Wrong(f"{self.page}?{self.query}: no answer for {ANSWER_SECONDS} seconds") from None
            message = ForwardMsg.FromString(data)
            if message.WhichOneof("type") == "ref_hash":
                message = self.known[message.ref_hash]
            elif message.hash:
                self.known[message.hash] = message
            self._take(message)
            if message.WhichOneof("type") == kind:
                return message

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session_id = message.new_session.initialize.session_id or self.session_id
            self.elements = {}
        elif kind == "navigation":
            self.pages = {each.url_pathname: each.page_script_hash for each in message.navigation.app_pages}
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self.elements[tuple(message.metadata.delta_path)] = message.delta.new_element

    def of(self, kind: str) -> Iterator[Any]:
        """The elements of a kind, in the order they stand."""
        return (each for _, each in sorted(self.elements.items()) if each.WhichOneof("type") == kind)

    def heading(self) -> str:
        return unescaped(next(each.heading.body for each in self.of("heading") if each.heading.tag == "h1"))

    def metrics(self) -> dict[str, str]:
        return {unescaped(each.metric.label): unescaped(each.metric.body) for each in self.of("metric")}

    def table(self, words: str) -> pa.Table:
        """The table whose words for screen readers begin so, as the browser gets it."""
        data = next(
            each.dataframe.arrow_data.data for each in self.of("dataframe") if words in each.dataframe.alt
        )
        return pa.ipc.open_stream(data).read_all()


def unescaped(text: str) -> str:
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).replace("\N{WORD JOINER}", "")


def same(what: str, shown: object, wanted: object) -> None:
    if shown != wanted:
        raise Wrong(f"{what}: {shown!r}, not {wanted!r}")


async def one_person(number: int, address: str, wanted: Expected, met: Met) -> None:
    """Work through the pages again and again, and note how long each took."""
    chance = random.Random(number)
    turn = number

    @contextmanager
    def timed(what: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        met.last_answer = time.monotonic()
        met.seconds[what].append(met.last_answer - begun)

    while not met.over:
        try:
            fee, amount = wanted.fees[turn * 13 % len(wanted.fees)]
            name, content, sums, claims = wanted.files[number]
            years = 1 + turn % MOST_YEARS
            code, amounts = wanted.places[turn * 5 % len(wanted.places)]
            async with Session(address) as session:
                with timed("fee"):
                    await session.look("fee", **fee)
                same(f"fee of {fee}", session.heading(), amount)
                with timed("claims, empty"):
                    await session.look("claims")
                with timed("claims, dropped in"):
                    await session.drop(f"{turn} {name}", content + b"\n" * turn)  # no file twice: nothing is kept of it
                shown = session.metrics()
                same(f"sums of {name}", {each: shown.get(each) for each in sums}, sums)
                same(f"claims of {name}", set(session.table("findings").column("claim_id").to_pylist()), claims)
                with timed("forecast"):
                    await session.look("forecast", years=str(years), draws=str(FORECAST_DRAWS), seed=str(turn + 1))
                label = "Net of 2027" + (f" to {2026 + years}" if years > 1 else "")
                same(f"net of {years} years", session.metrics().get(label), wanted.nets[years])
            async with Session(address) as session:
                with timed("localities"):
                    await session.look("localities", code=code)
                column = session.table("localities").column("amount").to_pylist()
                same(f"localities of {code}", [f"{each:.2f}" for each in column], amounts)
        except (Wrong, OSError, StopIteration, KeyError, ValueError, WebSocketException) as error:
            if met.over:  # the server was told to go
                return
            met.wrong.append(f"session {number}: {type(error).__name__}: {error}"[:400])
        turn += 1
        await asyncio.sleep(chance.random() / 2)


async def watch(server: psutil.Process, met: Met, end: float) -> None:
    """Note the server's memory each second, and what was answered each ten, until the end or until it stands still."""
    while time.monotonic() < end and time.monotonic() - met.last_answer < ANSWER_SECONDS:
        met.memory.append(server.memory_info().rss / 2**20)
        if len(met.memory) % 10 == 0:
            answers = sum(map(len, met.seconds.values()))
            said = f"{len(met.memory):>4} s {answers:>6} answers {len(met.wrong):>4} wrong {met.memory[-1]:>7.0f} MB"
            print(said, flush=True)
        await asyncio.sleep(1)


@contextmanager
def app_of(root: Path, folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The app of a checkout, as ``feecalc app`` starts it."""
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-c", "from feecalc.cli import main; main()", "app", "--no-browser", "--json"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(root), "FEECALC_HOME": str(folder / "home")},
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        said = ""
        while "}" not in said:
            said += process.stdout.readline()
        address = json.loads(said)["address"]
        for _ in range(ANSWER_SECONDS * 5):
            try:
                if requests.get(f"{address}/_stcore/health", timeout=1).ok:
                    break
            except requests.RequestException:
                time.sleep(0.2)
        yield address, process
    finally:
        process.kill()
        log.close()


def stopped(process: subprocess.Popen[str]) -> float | None:
    """The seconds from SIGTERM until command and server are gone; None where they are not in time, and are killed."""
    all_of_it = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, left = psutil.wait_procs(all_of_it[1:], STOP_SECONDS)
    try:
        process.wait(max(0, STOP_SECONDS - (time.monotonic() - begun)))
    except subprocess.TimeoutExpired:
        left.append(all_of_it[0])
    ended = time.monotonic() - begun
    for each in left:
        each.kill()
    return None if left else ended


async def run(
    address: str, process: subprocess.Popen[str], wanted: Expected, chosen: argparse.Namespace
) -> tuple[Met, float | None]:
    """Let all work, then tell the server to go; what was met, and the seconds until it was gone."""
    met, end = Met(), time.monotonic() + chosen.seconds
    (server,) = psutil.Process(process.pid).children()
    people = [asyncio.create_task(one_person(n, address, wanted, met)) for n in range(chosen.sessions)]
    await watch(server, met, end)
    met.over = True
    if time.monotonic() < end:
        met.wrong.append(f"the app stood still {met.last_answer - end + chosen.seconds:.0f} seconds after the start")
    seconds = await asyncio.to_thread(stopped, process)
    for each in people:
        each.cancel()
    await asyncio.gather(*people, return_exceptions=True)
    return met, seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout whose server is run")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["FEECALC_HOME"] = str(folder / "home")
        wanted = expect(chosen.sessions, folder)
        print(f"{len(wanted.fees)} fees, {len(wanted.places)} codes, {len(wanted.files)} claim files", flush=True)
        with app_of(chosen.root, folder) as (address, process):
            met, seconds = asyncio.run(run(address, process, wanted, chosen))
        log = (folder / "log").read_text()
    print(f"\n{'page':<22}{'answers':>8}{'median':>9}{'most':>8}  seconds")
    for what, each in met.seconds.items():
        print(f"{what:<22}{len(each):>8}{statistics.median(each):>9.2f}{max(each):>8.2f}")
    print(f"memory: {met.memory[0]:,.0f} MB at first, at most {max(met.memory):,.0f}, at the end {met.memory[-1]:,.0f}")
    ended = f"{seconds:.1f} s after SIGTERM" if seconds is not None else f"not within {STOP_SECONDS} s of SIGTERM"
    print(f"wrong or missing answers: {len(met.wrong)}\nthe server ended {ended}")
    for each in met.wrong[:10]:
        print("  " + each)
    for line in log.splitlines()[-20:]:
        print("  log: " + line)
    return 1 if met.wrong or seconds is None else 0


if __name__ == "__main__":
    sys.exit(main())
