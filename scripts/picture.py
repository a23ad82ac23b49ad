"""Take the README's picture from the running program: `python scripts/picture.py [FILE]`.

Loads the demo into a folder of its own, starts the service, signs a browser in and has headless
Chromium (Debian's `chromium`) look at the front page. Leaves only the picture.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VIGIE = str(Path(".venv/bin/vigie").absolute())
PORT, DOOR = 18_461, 18_462
SIZE = "1280,1370"
LINK = re.compile(r"http://127\.0\.0\.1:\d+/setup/\S+")


class Signed(BaseHTTPRequestHandler):
    """Passes requests on with the session's cookie, which Chromium cannot be handed directly."""

    cookie = ""

    def do_GET(self) -> None:
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}{self.path}")
        request.add_header("Cookie", self.cookie)
        request.add_header("Accept-Language", "fr")
        try:
            answer = urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        body = answer.read()
        self.send_response(answer.status or 200)
        self.send_header("Content-Type", answer.headers["Content-Type"] or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


class Stay(urllib.request.HTTPRedirectHandler):
    """The cookie is on the redirect itself."""

    def redirect_request(self, *_: object) -> None:
        return None


def sign_in(link: str) -> str:
    """Use the set-up link as a browser would; the session's cookie."""
    request = urllib.request.Request(link, data=b"name=Ada", method="POST")
    request.add_header("Origin", f"http://127.0.0.1:{PORT}")
    try:
        urllib.request.build_opener(Stay).open(request)
    except urllib.error.HTTPError as redirect:
        return str(redirect.headers["Set-Cookie"]).split(";")[0]
    raise RuntimeError("the set-up link did not sign in")


def main() -> None:
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images/front-page.png").absolute()
    folder = tempfile.mkdtemp(prefix="vigie-picture-")
    env = {**os.environ, "VIGIE_DATA_DIR": folder, "VIGIE_PORT": str(PORT), "VIGIE_LANG": "fr"}
    log = Path(folder) / "serve.log"
    subprocess.run([VIGIE, "migrate"], env=env, check=True)
    subprocess.run([VIGIE, "demo", "load"], env=env, check=True)
    service = subprocess.Popen([VIGIE, "serve"], env=env, stderr=log.open("w"))
    door = ThreadingHTTPServer(("127.0.0.1", DOOR), Signed)
    try:
        while not (found := LINK.search(log.read_text())):
            time.sleep(0.2)
        Signed.cookie = sign_in(found[0])
        threading.Thread(target=door.serve_forever, daemon=True).start()
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             f"--window-size={SIZE}", f"--screenshot={target}", f"http://127.0.0.1:{DOOR}/?lang=fr"],
            check=True, stderr=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
    finally:
        door.shutdown()
        service.send_signal(signal.SIGTERM)
        service.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
