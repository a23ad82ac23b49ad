"""Greeting the operator's mail server, as a message would."""

from __future__ import annotations

import aiosmtplib

from app.config import Settings

WAIT_S = 10.0


async def greeting_error(settings: Settings) -> str:
    """Why mail could not be handed over: "" where it could, or where mail is off.

    Connects, says EHLO, protects the connection and logs in as configured; sends nothing.
    """
    if not settings.smtp_host:
        return ""
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host, port=settings.smtp_port, timeout=WAIT_S,
        use_tls=settings.smtp_tls == "tls", start_tls=settings.smtp_tls == "starttls",
    )  # fmt: skip
    place = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        await client.connect()
        await client.ehlo()
        if settings.smtp_user:
            await client.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        await client.quit()
    except (aiosmtplib.SMTPException, OSError) as error:
        return f"{place}: {' '.join(str(error).split()) or type(error).__name__}"
    finally:
        client.close()
    return ""
