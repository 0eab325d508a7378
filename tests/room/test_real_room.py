"""Rooms with JupyterHub itself: lessons in all seats, faults, strangers, and an end that leaves nothing."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from helpers import until
from rooms import LESSONS, make_room, opened
from tornado.httpclient import HTTPClientError

pytestmark = [pytest.mark.slow, pytest.mark.real("python:jupyterhub", "python:segno", "configurable-http-proxy"),
              pytest.mark.linux("a room's processes are found in /proc"), pytest.mark.timeout(400),
              # tornado leaves the sockets of its clients to the garbage collector
              pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
              pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]


def rehearsal(room):
    from smtplab.room.rehearsal import Rehearsal
    return Rehearsal(room)


def ask(room, method, path, body=None):
    return asyncio.run(rehearsal(room)._ask(method, path, body))


def start(room):
    """All seats, each ready."""
    async def all_of_them():
        run = rehearsal(room)
        await asyncio.gather(*map(run._start, run.seats))
        return run.seats
    seats = asyncio.run(all_of_them())
    assert [seat.failures for seat in seats] == [[]] * len(seats)


def run_cell(room, seat, source, path="x.ipynb"):
    """The error of a cell that runs in a kernel of that seat, or None; the kernel goes on."""
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    from smtplab.room.rehearsal import _execute

    async def run():
        one = rehearsal(room)
        session = await one._ask("POST", f"/user/{seat}/api/sessions", {
            "name": path, "path": path, "type": "notebook", "kernel": {"name": "python3"}})
        address = f"{one.base.replace('http', 'ws', 1)}/user/{seat}/api/kernels/{session['kernel']['id']}/channels"
        ws = await websocket_connect(HTTPRequest(address, headers={"Authorization": f"token {one.token}"}))
        try:
            return await asyncio.wait_for(_execute(ws, source), 120)
        finally:
            ws.close()
    return asyncio.run(run())


def pids(room, seat):
    """A seat's processes by command line."""
    from smtplab.room.processes import marked
    found = marked(f"SMTPLAB_SEAT={room.seats_folder / seat / 'data'}")
    return {pid: Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() for pid in found}


def pid_of(room, seat, what):
    return next((pid for pid, line in pids(room, seat).items() if what in line), None)


def listening(port):
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def test_a_lesson_in_all_seats_and_nothing_left(short_folder):
    from smtplab.room.rehearsal import report
    room = make_room(short_folder / "r", 2)
    with opened(room) as hub:
        run = rehearsal(room)
        seats = asyncio.run(run.run([LESSONS / "01-who-speaks-first.ipynb"]))
        assert [seat.failures for seat in seats] == [[], []]
        assert all(50 < seat.memory.pss_mib < 1000 for seat in seats)
        assert report(seats)[-1] == "seats with errors: 0"
        work = room.seats_folder / "seat01" / "work"
        assert (work / "00-start-here.ipynb").is_file() and not (work / "instructor-guide.md").exists()
        notes = json.loads((room.seats_folder / "seat01" / "data" / "seat.json").read_text())
        assert notes["lesson"] == "01-who-speaks-first.ipynb" and notes["moved"] > 0
        assert hub.left()
    assert not [port for port in (*room.ports, room.port) if listening(port)]
    assert not list((room.seats_folder / "seat01" / "tmp").iterdir())
    assert not [path for path in room.runtime.rglob("*") if path.is_socket()]


def test_a_lesson_that_fails_in_a_seat_is_named(short_folder):
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook
    room = make_room(short_folder / "r", 2)
    path = short_folder / "08-odd.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(
        "import os\nassert os.environ['USER'] != 'seat02', 'this seat is odd'")]), path)
    with opened(room):
        seats = asyncio.run(rehearsal(room).run([path]))
    assert seats[0].failures == [] and "this seat is odd" in seats[1].failures[0]


def test_kernel_server_and_hub_are_killed(short_folder):
    room = make_room(short_folder / "r", 1)
    with opened(room) as hub:
        start(room)
        cell = "import smtplab\nserver = smtplab.serve('starttls')\nopen('../ca', 'w').write(server.ca_file)"
        assert run_cell(room, "seat01", cell) is None
        authority = Path((room.seats_folder / "seat01" / "ca").read_text())
        assert authority.is_file()
        # the kernel: the server starts another in its place
        kernel = pid_of(room, "seat01", "ipykernel")
        os.kill(kernel, signal.SIGKILL)
        until(lambda: pid_of(room, "seat01", "ipykernel") not in (None, kernel), 60)
        assert run_cell(room, "seat01", "import smtplab") is None
        # the hub: the seats run on, and it finds them
        server, before = pid_of(room, "seat01", "seat_server"), hub.pid
        os.kill(before, signal.SIGKILL)
        said = []
        until(lambda: hub.watch(said.append) or hub.pid != before, 60)
        assert len(said) == 1 and "status -9" in said[0]
        assert pid_of(room, "seat01", "seat_server") == server
        until(lambda: ask(room, "GET", "/hub/api/users/seat01")["servers"].get("", {}).get("ready"), 60)
        assert run_cell(room, "seat01", "import smtplab") is None
        # the server: the hub notices, what it left goes, and the seat can be started again
        os.kill(server, signal.SIGKILL)
        until(lambda: hub.watch() or not ask(room, "GET", "/hub/api/users/seat01")["servers"], 60)
        until(lambda: not pids(room, "seat01"), 60)
        assert not authority.exists() and not list((room.seats_folder / "seat01" / "tmp").iterdir())
        start(room)
        assert run_cell(room, "seat01", "import smtplab") is None


def test_all_ends_when_the_command_is_killed(short_folder):
    """Also what it could not end itself: the hub's stdin and the lock on the room's folder go with it."""
    code = ("import sys; sys.path[:0] = sys.argv[1:3]\nfrom pathlib import Path\n"
            "from rooms import make_room, opened\nimport test_real_room as t\n"
            "room = make_room(Path(sys.argv[3]), 1)\n"
            "with opened(room) as hub:\n    t.start(room)\n    t.run_cell(room, 'seat01', 'import smtplab')\n"
            "    print('up', flush=True)\n    sys.stdin.read()")
    here = Path(__file__).parent
    child = subprocess.Popen([sys.executable, "-c", code, str(here), str(here.parent), str(short_folder / "r")],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "up\n"
    from smtplab.room.processes import marked
    mark = f"SMTPLAB_ROOM={short_folder / 'r'}"
    assert len(marked(mark)) >= 4
    child.kill()
    child.communicate()
    until(lambda: not marked(mark), 60)


def test_a_port_of_a_seat_s_that_is_taken(short_folder):
    """The seat gets a spare one; if those are taken too, the seat does not start, and the hub says so."""
    room = make_room(short_folder / "r", 1)
    with opened(room), socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", room.seat_port("seat01")))
        taken.listen()
        start(room)
        assert run_cell(room, "seat01", "1") is None


def log_in(room, name, passphrase, jar=None):
    """The status of a login through the page, as a browser sends it."""
    import http.cookiejar
    jar = http.cookiejar.CookieJar() if jar is None else jar
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.open(f"{room.local_url}/hub/login").read()
    [token] = [cookie.value for cookie in jar if cookie.name == "_xsrf"][:1]
    body = urllib.parse.urlencode({"username": name, "password": passphrase, "_xsrf": token}).encode()
    try:
        answer = opener.open(f"{room.local_url}/hub/login?next=%2Fhub%2Fhome", body)
        return answer.status, opener
    except urllib.error.HTTPError as exc:
        return exc.code, opener


def test_who_gets_in(short_folder):
    """A wrong passphrase fifty times: each is refused, nobody else is locked out, and the log has none of them."""
    room = make_room(short_folder / "r", 2)
    with opened(room) as hub:
        assert [log_in(room, "seat01", f"wrong-guess-{n}")[0] for n in range(50)] == [403] * 50
        assert log_in(room, "seat02", "correct-horse")[0] == 200
        assert log_in(room, "stranger", "correct-horse")[0] == 403
        assert log_in(room, "trainer", "correct-horse")[0] == 403
        trainer = (room.folder / "trainer-passphrase").read_text().strip()
        status, opener = log_in(room, "trainer", trainer)
        assert status == 200
        page = opener.open(f"{room.local_url}/services/trainer/")
        assert page.status == 200 and b"<h1>The room</h1>" in page.read()
        status, learner = log_in(room, "seat01", "correct-horse")
        with pytest.raises(urllib.error.HTTPError) as refused:
            learner.open(f"{room.local_url}/services/trainer/state").read()
        assert refused.value.code == 403
        for word in ("wrong-guess", "correct-horse", trainer):
            assert word not in hub.log.read_text()
            for pid in hub.left():
                assert word.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
                assert word.encode() not in Path(f"/proc/{pid}/environ").read_bytes()


def test_thirty_lab_servers_in_a_seat_and_its_neighbour(short_folder):
    """Thirty lab servers take no port of the room's; a neighbour reaches them, as all is one loopback, and its own
    server needs its own login."""
    room = make_room(short_folder / "r", 2)
    with opened(room):
        start(room)
        cell = ("import smtplab\nservers = [smtplab.serve('starttls') for _ in range(30)]\n"
                "open('../ports', 'w').write(' '.join(str(server.address[1]) for server in servers))")
        assert run_cell(room, "seat01", cell) is None
        ports = list(map(int, (room.seats_folder / "seat01" / "ports").read_text().split()))
        assert len(ports) == 30 and not set(ports) & {*room.ports, room.port}
        assert run_cell(room, "seat02", f"import smtplab\nassert smtplab.dial(('127.0.0.1', {ports[0]}), "
                                        "'starttls', verify=False).ok") is None
        other = room.seat_port("seat01")
        assert run_cell(room, "seat02", f"""
import urllib.request, urllib.error
try:
    urllib.request.urlopen('http://127.0.0.1:{other}/user/seat01/api/contents')
except urllib.error.HTTPError as exc:
    assert exc.code == 403, exc
else:
    raise AssertionError('let in')""") is None


def test_the_trainer_s_page_resets_a_seat_and_sends_messages(short_folder):
    room = make_room(short_folder / "r", 1)
    with opened(room):
        start(room)
        assert run_cell(room, "seat01", "open('mine.txt', 'w').write('my work')\n"
                                        "from smtplab.course import seat_notes; seat_notes.note(hand=True)") is None
        _, opener = log_in(room, "trainer", (room.folder / "trainer-passphrase").read_text().strip())
        base = f"{room.local_url}/services/trainer/"
        opener.open(base).read()

        def act(what, **given):
            [token] = [cookie.value for handler in opener.handlers for cookie in getattr(handler, "cookiejar", ())
                       if (cookie.name, cookie.path) == ("_xsrf", "/services/trainer/")]
            request = urllib.request.Request(f"{base}{what}", json.dumps(given).encode(),
                                             {"X-XSRFToken": token, "Content-Type": "application/json"})
            return json.loads(opener.open(request, timeout=120).read())

        def state():
            return json.loads(opener.open(f"{base}state").read())["seats"][0]

        assert (state()["state"], state()["hand_minutes"] is not None) == ("ready", True)
        act("hand", seat="seat01")
        assert state()["hand_minutes"] is None
        act("message", text="Lunch at noon <b>")
        assert run_cell(room, "seat01", "from smtplab.course import seat_notes\n"
                                        "assert seat_notes.messages() == [(1, 'Lunch at noon <b>')]") is None
        assert "blue heron" in act("word", word="blue heron", count=3)["key"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            act("reset", seat="../seat01")
        assert refused.value.code == 400
        act("reset", seat="seat01")
        until(lambda: state()["state"] == "ready", 60)
        seat = room.seats_folder / "seat01"
        assert (seat / "work-1" / "mine.txt").read_text() == "my work" and not (seat / "work" / "mine.txt").exists()
        assert (seat / "work" / "00-start-here.ipynb").is_file()
        # Without the page's own token, as from another site, nothing is done.
        with pytest.raises(urllib.error.HTTPError) as refused:
            opener.open(urllib.request.Request(f"{base}message", b'{"text": "x"}'))
        assert refused.value.code == 403


def test_a_seat_that_is_asked_for_by_nobody_who_may(short_folder):
    room = make_room(short_folder / "r", 1)
    with opened(room):
        run = rehearsal(room)
        run.token = "0" * 64
        with pytest.raises(HTTPClientError, match="403"):
            asyncio.run(run._ask("GET", "/hub/api/users/seat01"))


def test_a_full_disk_in_one_seat_is_its_own(short_folder):
    """Its page still opens and its cells run; what can't be kept is said there, and the neighbour notices nothing."""
    room = make_room(short_folder / "r", 2)
    seat = room.seats_folder / "seat01"
    seat.mkdir(parents=True)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(seat)]).returncode:
        pytest.skip("not here: root that may mount (a disk of its own for a seat)")
    try:
        with opened(room):
            start(room)
            fill = "import contextlib\nwith contextlib.suppress(OSError), open('../full', 'wb') as file:\n" \
                   "    while True: file.write(bytes(4096)), file.flush()"
            assert run_cell(room, "seat01", fill) is None
            solve = "from smtplab.course import check, seat_notes\ncard = check('00-colleague', 'c')\n" \
                    "assert card.judged.right and not card._saved and not seat_notes.note(hand=True)"
            assert run_cell(room, "seat01", solve) is None
            # the lab itself needs a file, for its authority
            said = run_cell(room, "seat01", "import smtplab; smtplab.serve('starttls')")
            assert "No space left on device" in said
            assert run_cell(room, "seat02", "import smtplab; smtplab.serve('starttls').close()") is None
    finally:
        subprocess.run(["umount", "--lazy", str(seat)], check=True)


def test_with_system_users_a_seat_can_t_read_another_nor_the_hub(short_folder):
    from smtplab.room import system_users
    if os.geteuid() != 0 or not runnable_by_all(Path(sys.executable).resolve()):
        pytest.skip("not here: root, and a Python that every user may run")
    names = ("smtplab-a", "smtplab-b")
    room = make_room(short_folder / "r", 2, names=names, system_users=True)
    short_folder.chmod(0o711)
    assert system_users.refusal(names) is None
    with system_users.made(names, room.seats_folder), opened(room) as hub:
        start(room)
        assert run_cell(room, "smtplab-a", "open('mine.txt', 'w').write('x')") is None
        private = [room.seats_folder / "smtplab-a" / name for name in ("work/mine.txt", "home", "data", "tmp")]
        private += [room.folder / name for name in (
            "passphrase", "trainer-passphrase", "rehearsal-token", "hub.log", "jupyterhub_config.py", "hub/hub.sqlite",
            "hub/cookie-secret")]
        private += [Path(f"/proc/{pid}/environ") for pid in (hub.pid, pid_of(room, "smtplab-a", "seat_server"))]
        cell = f"""
import os
for path in {list(map(str, private))}:
    try:
        os.listdir(path) if os.path.isdir(path) else open(path).read()
    except PermissionError:
        continue
    raise AssertionError(path)
assert os.getuid() != 0"""
        assert run_cell(room, "smtplab-b", cell) is None
    assert [name for name in names if system_users._comment(name)] == []


def runnable_by_all(path):
    """Whether every user may run this program."""
    return all(one.stat().st_mode & 0o001 for one in (path, *path.parents))
