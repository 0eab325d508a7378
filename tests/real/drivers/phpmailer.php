<?php
// Sends a mail by PHPMailer for each run that stands on standard input, as its text sets it up.
//
// In: one JSON line per run, {"run", "text"}. Out: {"version"}, then {"run", "error"} as each ends; null: it was sent.
// Each run has a process of its own, so that one that hangs holds up no other.

require 'libphp-phpmailer/autoload.php';
class_alias('PHPMailer\PHPMailer\PHPMailer', 'PHPMailer');  // as `use` has it in a program

function sent(string $text): ?string
{
    $mail = new PHPMailer(true);
    $mail->isSMTP();
    $mail->setFrom('a@example.com');
    $mail->addAddress('b@example.com');
    $mail->Subject = $mail->Body = 'x';
    try {
        eval($text);
        $mail->send();
        return null;
    } catch (Throwable $error) {
        return get_class($error) . ': ' . $error->getMessage();
    }
}

function say(array $line): void
{
    fwrite(STDOUT, json_encode($line, JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
}

error_reporting(E_ALL & ~E_WARNING);  // a failed handshake is one, beside the exception
say(['version' => PHPMailer::VERSION]);
// Read before the first fork: a child that ends would move the file's position back.
foreach (array_filter(explode("\n", stream_get_contents(STDIN))) as $line) {
    $run = json_decode($line, true);
    if (pcntl_fork() === 0) {
        say(['run' => $run['run'], 'error' => sent($run['text'])]);
        exit;
    }
}
while (pcntl_wait($status) > 0);
