"""An offer to upgrade is ignored: the request is served as HTTP/1.1, with its body and what is pipelined behind it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.responses import received_from
from tests.support import PATIENCE_SECONDS, RunningServer, skip_or_fail

BODY = b'{"scenario": "many", "restores": 7}'
OFFERS = {
    "h2c": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n",
    "websocket": b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
}
FRAMED = {
    "length": (b"Content-Length: %d\r\n" % len(BODY), BODY),
    "chunked": (b"Transfer-Encoding: chunked\r\n", b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)),
}
LAST = b"GET /v1/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
@pytest.mark.parametrize(("framing", "body"), FRAMED.values(), ids=FRAMED)
def test_a_request_that_offers_an_upgrade_is_served_with_its_body(
    server: RunningServer, offer: bytes, framing: bytes, body: bytes
) -> None:
    posted = b"POST /_mock/projects HTTP/1.1\r\nHost: localhost\r\n" + offer + framing + b"\r\n" + body
    responses = received_from(server, posted + posted + LAST)
    assert responses.count(b"HTTP/1.1 201 Created") == 2
    assert responses.count(b'"restores":7') == 2
    assert responses.endswith(b"success")


def test_an_offer_without_a_body_is_ignored(server: RunningServer) -> None:
    responses = received_from(server, b"GET /v1/ HTTP/1.1\r\n" + OFFERS["h2c"] + b"\r\n" + LAST)
    assert responses.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize("target", [b"a.example:80", b"/", b"http://localhost/v1/"])
def test_a_tunnel_is_refused_and_nothing_behind_it_is_served(server: RunningServer, target: bytes) -> None:
    responses = received_from(server, b"CONNECT " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n" + LAST)
    assert re.findall(rb"HTTP/1\.1 (\d)\d\d ", responses) == [b"4"]


JDK_CLIENT = """
import java.net.URI;
import java.net.http.*;

public class Post {
    public static void main(String[] arguments) throws Exception {
        var client = HttpClient.newHttpClient();
        for (int i = 0; i < 2; i++) {
            var request = HttpRequest.newBuilder(URI.create(arguments[0] + "/_mock/projects"))
                .POST(HttpRequest.BodyPublishers.ofString("{\\"scenario\\": \\"many\\", \\"restores\\": 7}")).build();
            var response = client.send(request, HttpResponse.BodyHandlers.ofString());
            System.out.println(response.statusCode() + " " + response.body());
        }
    }
}
"""


def test_the_client_of_the_jdk_has_its_body_served(server: RunningServer, tmp_path: Path) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("no java")
    source = tmp_path / "Post.java"
    source.write_text(JDK_CLIENT, encoding="utf-8")
    done = subprocess.run(
        [java, str(source), server.url], capture_output=True, text=True, timeout=3 * PATIENCE_SECONDS, check=False
    )
    if "invalid" in done.stderr and not done.stdout:
        pytest.skip(done.stderr)
    lines = done.stdout.splitlines()
    assert len(lines) == 2, done.stderr
    for line in lines:
        status, _, body = line.partition(" ")
        assert status == "201"
        assert json.loads(body)["restores"] == 7


def test_curl_with_http2_has_its_body_served(server: RunningServer) -> None:
    curl = shutil.which("curl")
    if curl is None:
        skip_or_fail("no curl")
    done = subprocess.run(
        [curl, "--silent", "--http2", "--data", BODY.decode(), f"{server.url}/_mock/projects"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    assert json.loads(done.stdout)["restores"] == 7
