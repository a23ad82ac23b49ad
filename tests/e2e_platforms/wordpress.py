"""The rss collector against Debian's WordPress: 304 when nothing changed, a jump of 20 is a gap."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.e2e_platforms.feeds import feed
from tests.e2e_platforms.php import free_port, mariadb, need, serving
from tests.e2e_platforms.php import run as call

KIND = "rss"
"""The kind of collector that it shows (scripts/quality.py)."""

FOLDER = "/usr/share/wordpress"
PACKAGES = "wordpress mariadb-server php-mysql"
FEED = "/?feed=rss2"
FIRST, JUMP = 8, 20

CONFIG = """<?php
define('DB_NAME', 'wp'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}'); define('DB_CHARSET', 'utf8mb4');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
INSTALL = """<?php
$_SERVER['HTTP_HOST'] = '127.0.0.1:{port}'; $_SERVER['REQUEST_URI'] = '/';
define('WP_INSTALLING', true);
function wp_mail() {{ return true; }}
require '{site}/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Essais', 'admin', 'admin@example.org', true, '', 'not-a-secret');
update_option('siteurl', 'http://127.0.0.1:{port}'); update_option('home', 'http://127.0.0.1:{port}');
// The sample pages are of this minute: beside them no post of an hour ago would be a change.
foreach ([1, 2, 3] as $id) wp_delete_post($id, true);
"""
WRITE = """<?php
$_SERVER['HTTP_HOST'] = '127.0.0.1:{port}';
require '{site}/wp-load.php';
for ($n = {first}; $n < {end}; $n++) {{
    $at = gmdate('Y-m-d H:i:s', time() - 60 * (1000 - $n));
    wp_insert_post(['post_title' => "Post $n", 'post_content' => "<p>Text <b>$n</b></p>",
        'post_status' => 'publish', 'post_author' => 1,
        'post_date' => $at, 'post_date_gmt' => $at]);
}}
"""


def run(outcome: Any, *, bounded: bool) -> None:
    need("php", "mariadbd", "mariadb-install-db", folder=FOLDER, packages=PACKAGES)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vigie-e2e-wordpress-") as name:
        folder, port = Path(name), free_port()
        site = folder / "site"
        shutil.copytree(FOLDER, site, ignore_dangling_symlinks=True)
        with mariadb(folder) as place:
            call(
                "mariadb",
                "--no-defaults",
                f"--socket={place}",
                "-uroot",
                "-e",
                "CREATE DATABASE wp",
            )
            (site / "wp-config.php").unlink()
            (site / "wp-config.php").write_text(CONFIG.format(socket=place))
            _php(folder, INSTALL, site=site, port=port)
            with serving(site, port, folder / "php.log") as server:
                write = _Writer(folder, site, port)
                asyncio.run(_polls(outcome, server, write, folder))
    print(f"wordpress: {time.monotonic() - started:.0f} s")


class _Writer:
    """Publishes posts, numbered on."""

    def __init__(self, folder: Path, site: Path, port: int) -> None:
        self._folder, self._site, self._port, self.written = folder, site, port, 0

    def posts(self, count: int) -> None:
        end = self.written + count
        _php(self._folder, WRITE, site=self._site, port=self._port, first=self.written, end=end)
        self.written = end


def _php(folder: Path, script: str, **values: object) -> None:
    file = folder / "script.php"
    file.write_text(script.format(**values))
    call("php", "-d", "display_errors=stderr", str(file))


async def _polls(outcome: Any, server: Any, write: _Writer, folder: Path) -> None:
    await asyncio.to_thread(write.posts, FIRST)
    async with feed(folder / "vigie", server.url + FEED) as source:
        report = await source.poll()
        outcome.line("first poll: posts stored", FIRST, report.stored.new)
        report = await source.poll()
        outcome.line("second poll: answered 304", 1, server.answers(304, FEED))
        outcome.line("second poll: posts read", 0, report.got)
        await asyncio.to_thread(write.posts, JUMP)
        report = await source.poll()
        outcome.line(f"{JUMP} posts at once on a feed of 10: a gap", 1, await source.missed())
        wanted = sorted(f"Post {number}" for number in range(write.written))
        outcome.line(
            "and older pages close it: posts stored", len(wanted), len(await source.titles())
        )
        outcome.line("each once", True, wanted == await source.titles())
        report = await source.poll()
        outcome.line("then nothing new", 0, report.got)
