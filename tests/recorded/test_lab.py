"""The recorded lab in the lab's place: servers, dials, probes, and all that shows them say that they are recorded."""

import pytest

import smtplab
from smtplab.course import didnt_happen, in_terminal, mystery, two_addresses
from smtplab.recorded import in_use, use_recordings
from smtplab.recorded.runs import note_of, recordings
from smtplab.show import DecisionTree, FiveByteLens, FourCorners, Matrix, Watch, plot_counters, run_dial

NOTE = recordings().note


def test_after_a_yes_dials_are_looked_up_and_after_a_no_they_are_live(recordings_in_use, capsys):
    with smtplab.serve("starttls") as server:
        trace = smtplab.dial(server, "implicit")
    assert (trace.cause, trace.bytes_read, trace.bytes_received) == ("implicit-to-plaintext", 5, 36)
    assert note_of(trace) == NOTE and f"[{NOTE}]" in str(trace) and NOTE in trace.to_json()
    assert capsys.readouterr().out == f"[{NOTE}]\n"
    assert smtplab.Trace.from_json(trace.to_json()) == trace

    use_recordings(False)
    with smtplab.serve("starttls") as server:
        trace = smtplab.dial(server, "implicit")
    assert trace.cause == "implicit-to-plaintext" and note_of(trace) == "" and not in_use()
    assert capsys.readouterr().out == ""


def test_a_server_has_seen_what_was_dialled_here(recordings_in_use):
    server, other = smtplab.serve("implicit"), smtplab.serve("silent")
    assert server.traces() == [] and server.trace() is None
    hang, good = smtplab.dial(server, "starttls"), smtplab.dial(server, "implicit")
    assert server.trace(of=hang).waiting_for == "client-hello" and server.trace().tls
    assert len(server.traces()) == 2 and other.trace(of=good) is None
    assert note_of(server.trace(of=hang)) == NOTE
    assert smtplab.dial(server.address, "implicit").ok  # by its address too
    server.close()
    assert server.ca_file is None


def test_the_server_behind_an_interceptor_saw_the_password(recordings_in_use):
    with smtplab.serve("intercepted") as box:
        trace = smtplab.dial(box, "implicit", login=("alice", "wonderland"), mechanism="PLAIN", verify=False)
        seen = box.behind.traces()[-1]
        assert trace.ok and "AUTH PLAIN" in str(seen) and box.behind.trace() == seen
    assert smtplab.serve("implicit").behind is None


def test_a_probe_is_looked_up(recordings_in_use, capsys):
    server, heard = smtplab.serve("implicit"), []
    [report] = smtplab.probe(server, listener=heard.append)
    assert (report.speaks, report.port) == ("implicit-tls", server.address[1]) and heard == [report]
    assert smtplab.probe(server.address) == [report]
    assert capsys.readouterr().out.count(NOTE) == 2


def test_what_can_t_be_is_said_in_a_sentence(recordings_in_use, capsys):
    trace = smtplab.dial(("mail.example.org", 465), "implicit")
    assert (trace.ok, trace.cause, trace.events[0].what) == (False, "other", "closed")
    assert "can't connect to mail.example.org:465" in trace.failure.message
    assert "install smtplab" in trace.failure.message
    [report] = smtplab.probe("mail.example.org:465")
    assert "can't probe mail.example.org:465" in capsys.readouterr().out and report.greeting is None
    for call in (smtplab.relay, smtplab.matrix):
        with pytest.raises(OSError, match="install smtplab to do it"):
            call()


def test_what_needs_a_real_server_says_so(recordings_in_use):
    for call in (lambda: Watch("starttls"), Matrix, lambda: mystery("a seed")):
        with pytest.raises(OSError, match="This machine, where recordings are in use, can't .*: install smtplab"):
            call()


def test_wrong_arguments_are_refused_as_by_the_lab(recordings_in_use):
    for wrong in (lambda: smtplab.serve("nothing"), lambda: smtplab.serve("plain", starttls=True),
                  lambda: smtplab.dial("nowhere", "plain"), lambda: smtplab.dial(("a", 25), "no-mode"),
                  lambda: smtplab.dial(("a", 25), "plain", timeout_s=0)):
        with pytest.raises(ValueError):
            wrong()


def test_no_password_of_a_learner_s_is_shown(recordings_in_use, capsys):
    with smtplab.serve("starttls") as server:
        trace = smtplab.dial(server, "starttls", login=("me", "my-own-secret"))
    assert "my-own-secret" not in capsys.readouterr().out + str(trace) + trace.to_json() and "login" in note_of(trace)


def test_a_program_s_run_is_shown_if_just_that_was_recorded(recordings_in_use):
    asked, ran = next((asked, ran) for asked, ran in recordings().programs if ran["ended"] != "not here"
                      and asked["kind"] and not asked["served"])
    shown = str(in_terminal(asked["command"], smtplab.serve(asked["kind"]), typed=asked["typed"]))
    assert f"recorded on {recordings().date}" in shown and ran["turns"][0][1].split()[0] in shown
    other = str(in_terminal("telnet {host} {port} now", smtplab.serve("starttls")))
    assert "Nothing was run" in other and "can't run programs" in other and "recorded on" not in other


def test_the_lens_has_the_recorded_answers_or_says_that_there_are_none(recordings_in_use):
    with smtplab.serve("starttls") as server:
        lens = FiveByteLens(smtplab.dial(server, "implicit"))
    assert NOTE in lens.text() and recordings().openssl in lens.real_openssl
    assert lens.ask()[-1].says == "wrong version number" and NOTE in lens.text()
    lens = FiveByteLens(b"nobody asked this")
    assert lens.ask() == () and "Nobody recorded" in lens.text()
    use_recordings(False)
    lens = FiveByteLens(b"nobody asked this")
    assert lens.ask()[-1].says == "wrong version number" and lens.note == ""


def test_widgets_say_it(recordings_in_use):
    with smtplab.serve("implicit") as server:
        run = run_dial(server, "starttls")
        tree = DecisionTree(server, "starttls")
    assert run.wait(5) and NOTE in run.text() and NOTE in run.shown()
    assert tree.wait(5) and NOTE in tree.text() and "Certain, now that a ClientHello was answered" in tree.text()
    square = FourCorners().run("implicit", "starttls")
    assert "recorded" in square.text() and note_of(square.runs[0].trace)
    assert NOTE in plot_counters(run.trace).alt


def test_the_help_box_says_what_is_recorded(recordings_in_use):
    box = didnt_happen("telnet")
    assert not box.works and NOTE in str(box) and "telnet" in str(box)


def test_a_name_with_two_addresses_is_recorded_too(recordings_in_use):
    with two_addresses() as place:
        assert smtplab.dial(place, "starttls", timeout_s=4).sockets
