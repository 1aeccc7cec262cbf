"""Sends the mail of a job."""

from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from demo.jobs import Job, Outcome
from demo.settings import Settings, SmtpSecurity

TIMEOUT_S = 5.0
"""Of each step of the conversation."""
PERMANENT = range(500, 600)


async def send(job: Job, settings: Settings) -> Outcome:
    """Hand the job's mail to the mail server. Never raises for what a mail server or a network can do."""
    try:
        await aiosmtplib.send(
            message(job, settings),
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_username,
            password=settings.smtp_password,
            use_tls=settings.smtp_security is SmtpSecurity.TLS,
            start_tls=settings.smtp_security is SmtpSecurity.STARTTLS,
            timeout=TIMEOUT_S,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        first = error.recipients[0]
        return Outcome(error=f"refused: {first.code} {first.message}", final=first.code in PERMANENT)
    except aiosmtplib.SMTPDataError as error:
        return Outcome(error=f"refused: {error.code} {error.message}", final=error.code in PERMANENT)
    except (aiosmtplib.SMTPException, OSError) as error:
        return Outcome(error=" ".join(str(error).split()) or type(error).__name__)
    return Outcome()


def message(job: Job, settings: Settings) -> EmailMessage:
    """The mail. Its Message-ID is the job's, so that the copies of a mail that was sent twice can be told to be one."""
    mail = EmailMessage()
    mail["From"] = settings.mail_from
    mail["To"] = job.recipient
    mail["Subject"] = job.subject
    mail["Date"] = format_datetime(job.created_at)
    mail["Message-ID"] = f"<job-{job.id}-{job.created_at:%Y%m%d%H%M%S}@{settings.mail_from.rpartition('@')[2]}>"
    mail.set_content(f"This is job {job.id} of the demo at {settings.site_url}\nThe worker took it and sent you this mail.\n")
    return mail
