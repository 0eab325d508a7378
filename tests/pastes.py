"""Pastes as people make them, for the tests of the question: prose, an error and settings at once."""

SECRET = "Tr0ub4dor-and-3"
RAILS_ERROR = ("OpenSSL::SSL::SSLError (SSL_connect returned=1 errno=0 peeraddr=192.0.2.10:587 state=error: "
               "wrong version number)")
RAILS = f"""Hi all,

I have tried for two days to send mail from our Rails 7 application. This is what I see:

{RAILS_ERROR}
app/mailers/user_mailer.rb:12:in `deliver_now'

config/environments/production.rb:

```ruby
config.action_mailer.smtp_settings = {{
  address: "smtp.eu.example.org",
  port: 587,
  user_name: "postmaster@example.org",
  password: "{SECRET}",
  tls: true,
  authentication: :plain
}}
```

Thanks for any help!
"""
COMPOSE = """services:
  app:
    environment:
      SPRING_MAIL_HOST: smtp.example.net
      SPRING_MAIL_PORT: 587
      SPRING_MAIL_PROPERTIES_MAIL_SMTP_SSL_ENABLE: "true"

javax.mail.MessagingException: Could not connect to SMTP host: smtp.example.net, port: 587;
  nested exception is:
\tjavax.net.ssl.SSLException: Unsupported or unrecognized SSL message
\tat com.sun.mail.smtp.SMTPTransport.openServer(SMTPTransport.java:2210)
"""
DJANGO = f"""It just hangs for ever, and nothing is printed at all. My settings.py has

EMAIL_HOST = "smtp.example.net"
EMAIL_PORT = 465
EMAIL_USE_TLS = True
EMAIL_HOST_PASSWORD = "{SECRET}"
"""
# Settings that are right, and an error that can't come from them.
OTHER_FILE = """EMAIL_HOST = "smtp.example.net"
EMAIL_PORT = 587
EMAIL_USE_TLS = True

Traceback (most recent call last):
  File "/app/manage.py", line 10, in <module>
ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)
"""
OTHER_HOST = """EMAIL_HOST = "smtp.example.net"
EMAIL_PORT = 587
EMAIL_USE_TLS = True

ConnectionRefusedError: [Errno 111] Connection refused
smtplib: connecting to localhost:25
"""
