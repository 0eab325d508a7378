"""The exercises of lesson 0 (the famous error is about when TLS begins) and of lesson 1 (who speaks first, what an
EHLO reply says, what port numbers promise).
"""

from typing import Any

from ...lab.login import auth_mechanisms
from ...smtp import offers
from ..exercises import Choice, Exercise, Slip, numbers

# No server of the lab's: a reply that the learner has not seen. Lines as RFC 5321 section 4.1.1.1 writes them.
EHLO_REPLY = ("250-relay.example.org greets you", "250-SIZE 20971520", "250-8BITMIME", "250-STARTTLS", "250 HELP")
_LINES = tuple(line[4:] for line in EHLO_REPLY[1:])
LARGEST_MAIL = next(int(line.split()[1]) for line in _LINES if line.startswith("SIZE "))

EXERCISES: tuple[Exercise[Any], ...] = (
    Exercise(
        "00-colleague",
        "A colleague's program says \"wrong version number\" too. The settings are port 2525 and SSL on, and the "
        "first bytes from the server are again the beginning of a greeting. What do you change?",
        ("What did the client take for a record header? Was it one?",
         "Nothing about versions or certificates was ever spoken of. What was not agreed is who begins, and how.",
         "In the last cell above, one word was changed. What does that word say about the moment TLS begins?"),
        (Choice("Allow an older TLS version in the client",
                "No version was ever negotiated: the bytes were text. An older TLS would trip over the same text."),
         Choice("Have the client accept any certificate",
                "No certificate was sent: the client gave up at the first few bytes. This hides problems and mends "
                "none."),
         Choice("Let the client start in plain text and ask for TLS (STARTTLS)",
                "The server speaks plain text first, on whatever port. A client that waits for the greeting and then "
                "asks for TLS gets along with it.", right=True),
         Choice("Open the port in the firewall",
                "The server's greeting arrived, so packets pass in both directions. A firewall that drops or "
                "rejects would have stopped the connection itself."))),
    Exercise(
        "01-first-word",
        "Three clients have just connected over TCP, and each server is of the kind that its client expects. "
        "In which of the three does the client send the first byte?",
        ("Look at the pictures: which arrow is the first one after the connection?",
         "A greeting is sent by whom? Which of the three servers does not begin with one?"),
        (Choice("plain", "Here the server greets first: its 220 is the first thing that crosses."),
         Choice("starttls", "TLS is asked for after EHLO. Before it come a greeting and a command, in plain text; "
                            "and the greeting is the server's."),
         Choice("implicit", "The ClientHello is the first thing that crosses; the greeting comes later, inside TLS.",
                right=True),
         Choice("all three: a client always begins",
                "It opens the connection, which carries no byte of data. After that, in two of the three, "
                "it has to wait for the server."))),
    Exercise[tuple[int, ...]](
        "01-ehlo",
        "A server that you have not met answers EHLO with\n" + "\n".join(EHLO_REPLY) + "\n\n"
        "How many bytes may the largest mail have that it takes?",
        ("Each line after the first names one thing that the server can do; some have a value after it.",
         "RFC 1870 calls the keyword by the word for how large something is."),
        right=lambda answer: answer == (LARGEST_MAIL,), read=numbers(1), example="1000",
        praise="A keyword and its value: that is how every line of the capability list reads.",
        slips=(Slip(lambda a: a == (250,), "That is the reply code, which begins every line. Look after it."),
               Slip(lambda a: a == (8,), "That digit belongs to 8BITMIME: bytes of eight bits may be sent. It is "
                                         "no size."),
               Slip(lambda a: a[0] in (LARGEST_MAIL // 2**20, LARGEST_MAIL // 10**6),
                    "You converted it. The question asks for bytes, as the server says them.")),
        otherwise="Not that. One line of the reply has a number as its value: hand in that value as it stands."),
    Exercise(
        "01-login-there",
        "The same server, the same reply, before any TLS. A program is set to log in with user and password. "
        "What should it do next?",
        ("Which keyword would a server list that lets you log in now?",
         "A keyword may be absent before TLS and there after it. Which keyword in the list gets you to TLS?"),
        (Choice("Send AUTH at once: every server has it",
                "Not this one, not now: no line of the list says AUTH. A client that sends it all the same shows its "
                "password to the wire." if not auth_mechanisms(_LINES) else ""),
         Choice("Give up: this server has no login",
                "Too early. The list before TLS is not the list after it; many servers hide AUTH until then."),
         Choice("Send STARTTLS, then EHLO again, and look for AUTH in the new list",
                "The list is asked for again after TLS, since it may differ, and whatever was said in clear does not "
                "count any more (RFC 3207 section 4.2).", right=offers(_LINES, "STARTTLS")),
         Choice("Connect to the same port with implicit TLS",
                "The port has greeted in plain text; a ClientHello in place of a command gets you the error of "
                "lesson 0."))),
)

# Lesson 0 exists in Japanese too.
JAPANESE: tuple[Exercise[Any], ...] = (
    Exercise(
        "00-colleague",
        "同僚のプログラムも「wrong version number」と言っています。設定はポート 2525、SSL は有効です。"
        "サーバーから届いた最初のバイトは、やはりグリーティングの始まりです。何を変えますか。",
        ("クライアントは、何をレコードヘッダーだと思いましたか。本当にそうでしたか。",
         "バージョンも証明書も、まだ話に出ていません。決まっていなかったのは、どちらがどう話し始めるかです。",
         "上の最後のセルで、単語を 1 つ変えました。その単語は、TLS がいつ始まることを表していますか。"),
        (Choice("クライアントで、古いバージョンの TLS を許可する",
                "届いたのは文字で、バージョンのやり取りは始まっていません。古い TLS も、同じ文字でつまずきます。"),
         Choice("クライアントが、どんな証明書でも受け入れるようにする",
                "証明書は届いていません。クライアントは、最初の数バイトであきらめました。この設定は何も直さず、"
                "問題を隠すだけです。"),
         Choice("クライアントが平文で始め、TLS を求める（STARTTLS）ようにする",
                "このサーバーは、ポート番号に関係なく、平文で話し始めます。グリーティングを待ってから TLS を求める"
                "クライアントなら、つながります。", right=True),
         Choice("ファイアウォールでポートを開ける",
                "グリーティングが届いたので、パケットは両方向に通っています。破棄や拒否をするファイアウォールなら、接続"
                "そのものができなかったはずです。")),
        language="ja"),
)
