"""A real Chromium for tests of pages: driven over a pipe by the DevTools protocol, which needs no package and no port."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

__all__ = ["Chromium", "Page", "chromium"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
SECONDS = 60  # how long a page may take to come to its end


class Chromium:
    """One browser; each page is a target of its own."""

    def __init__(self, program: str, profile: str, *options: str) -> None:
        its_in, to_it = os.pipe()
        from_it, its_out = os.pipe()
        shell = f'exec "$@" 3<&{its_in} 4>&{its_out}'  # the protocol's pipe is file 3 to the browser and file 4 from it
        command = ["bash", "-c", shell, "bash", program, *OPTIONS.split(), f"--user-data-dir={profile}", "--remote-debugging-pipe", *options, "about:blank"]
        self.process = subprocess.Popen(command, pass_fds=(its_in, its_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(its_in)
        os.close(its_out)
        self.to_it, self.from_it = os.fdopen(to_it, "wb", 0), os.fdopen(from_it, "rb", 0)
        self.count, self.rest = 0, b""

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        self.to_it.write(json.dumps(message).encode() + b"\0")
        while (answer := self.next_message()).get("id") != self.count:
            pass
        assert "error" not in answer, answer
        return dict(answer["result"])

    def next_message(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.from_it], [], [], 2 * SECONDS)
            assert ready, "the browser does not answer"
            read = self.from_it.read(1 << 16)
            assert read, "the browser went away"
            self.rest += read
        first, self.rest = self.rest.split(b"\0", 1)
        return dict(json.loads(first))

    @contextmanager
    def page(self, address: str, lang: str = "en-US", width: int = 1280, height: int = 900) -> Iterator[Page]:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        page = Page(self, self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        page.call("Emulation.setUserAgentOverride", userAgent="tests", acceptLanguage=lang)
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        page.call("Page.enable")
        page.call("Page.navigate", url=address)
        page.wait("document.readyState === 'complete' && location.href !== 'about:blank'")
        try:
            yield page
        finally:
            self.call("Target.closeTarget", targetId=target)

    def close(self) -> None:
        try:
            self.call("Browser.close")
        finally:
            self.process.wait(30)
            self.to_it.close()
            self.from_it.close()


class Page:
    """A page that is open: what it holds, and what a person does on it."""

    def __init__(self, browser: Chromium, session: str) -> None:
        self.browser, self.session = browser, session

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self.browser.call(method, self.session, **parameters)

    def run(self, expression: str) -> Any:
        """The value of an expression in the page; a promise is awaited."""
        found = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait(self, condition: str) -> Any:
        """What a condition gives as soon as it is true."""
        look = f"const now = {condition}; if (now) go(now); else if (Date.now() > end) no({json.dumps(f'never: {condition}')}); else setTimeout(look, 20);"
        return self.run(f"new Promise((go, no) => {{ const end = Date.now() + {SECONDS * 1000}; const look = () => {{ {look} }}; look(); }})")

    def choose(self, selector: str, files: Iterable[Path]) -> None:
        """Choose files in an input, as a person would."""
        found = self.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")["result"]["objectId"]
        self.call("DOM.setFileInputFiles", files=[str(file) for file in files], objectId=found)

    def texts(self, selector: str) -> list[str]:
        """What people can read in the elements of a selector."""
        return list(self.run(f"[...document.querySelectorAll({json.dumps(selector)})].map((one) => one.innerText)"))

    def picture(self, path: Path) -> None:
        """The whole page as a picture, for people who look at it."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]))


@contextmanager
def chromium(options: Iterable[str] = (), environment: Mapping[str, str] = os.environ) -> Iterator[Chromium]:
    """A browser while the tests run. Without one the test is skipped, and in CI it fails."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        (pytest.fail if environment.get("CI") else pytest.skip)("no Chromium here: the page cannot be opened")
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Chromium(program, profile, *options)
        try:
            yield browser
        finally:
            browser.close()
