# Sends a mail by Rails' ActionMailer for each run that stands on standard input, as its text configures it.
#
# In: one JSON line per run, {"run", "text"}. Out: {"version"}, then {"run", "error"} as each ends; null: it was sent.
# Each run has a process of its own, since Rails keeps its settings for all.

require "action_mailer"
require "json"

class Letter < ActionMailer::Base
  def letter
    mail(from: "a@example.com", to: "b@example.com", subject: "x", body: "x", content_type: "text/plain")
  end
end

def config
  Struct.new(:action_mailer).new(ActionMailer::Base)
end

def sent(text)
  eval(text)
  Letter.letter.deliver_now
  nil
rescue StandardError => error
  "#{error.class}: #{error.message}"
end

Letter.letter.message.encoded # loads what Rails loads late, once for all
$stdout.sync = true
puts JSON.generate(version: "mail #{Mail::VERSION.version} / net-smtp #{Net::SMTP::VERSION}")
$stdin.each_line do |line|
  run = JSON.parse(line)
  fork { puts JSON.generate(run: run["run"], error: sent(run["text"])) }
end
Process.waitall
