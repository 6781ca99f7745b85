"""What deploy/ and docs/operating.md say is so: settings, commands, paths and metrics are the code's."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from wavespeed_mcp_server.cli import parser
from wavespeed_mcp_server.settings import HTTP_MEANINGS, KNOWN, SECRETS, read_http_settings, read_settings
from wavespeed_mcp_server.transports.http import tickets, webhooks
from wavespeed_mcp_server.transports.http.metrics import Metrics
from wavespeed_mcp_server.transports.http.serving import DRAIN_SECONDS, LAST_SECONDS

from .project import ROOT, text

DEPLOY = ROOT / "deploy"
PAGE = text("docs/operating.md")
OPENSSL = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "2"]
LONGEST_END_SECONDS = DRAIN_SECONDS + LAST_SECONDS


def documents(path: Path) -> list[Any]:
    """The documents of a YAML file."""
    return list(YAML(typ="safe", pure=True).load_all(path.read_text(encoding="utf-8")))


def manifests() -> list[Any]:
    """Every object of the Kubernetes manifests."""
    return [one for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")) for one in documents(path)]


def one_of(kind: str) -> Any:
    """The only object of this kind."""
    (found,) = [one for one in manifests() if one["kind"] == kind]
    return found


def compose() -> Any:
    """The compose file."""
    return documents(DEPLOY / "compose.yaml")[0]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Where a command of this server stands, and its words."""
    yield "compose", compose()["services"]["server"]["command"]
    yield "kubernetes", one_of("Deployment")["spec"]["template"]["spec"]["containers"][0]["args"]
    for words in re.findall(r"wavespeed-mcp-server ([a-z][^`\n]*)`", PAGE):
        yield "page", words.split()


def environments() -> dict[str, dict[str, str]]:
    """The settings that each way to run it gives; of the secret ones nothing is known."""
    kubernetes = {**one_of("ConfigMap")["data"], **one_of("Secret")["stringData"]}
    return {"compose": compose()["services"]["server"]["environment"], "kubernetes": kubernetes}


@pytest.mark.parametrize(("where", "words"), list(commands()), ids=lambda one: str(one)[:20])
def test_every_command_is_one_of_the_servers(where: str, words: list[str]) -> None:
    parsed = parser().parse_args(words)
    if where != "page":
        assert (parsed.command, parsed.transport, parsed.host, parsed.port) == (
            "serve",
            "http",
            "0.0.0.0",
            8000,
        )


@pytest.mark.parametrize("where", ["compose", "kubernetes"])
def test_every_variable_is_a_setting(where: str) -> None:
    given = environments()[where]
    assert set(given) <= set(KNOWN)
    assert {"WAVESPEED_PUBLIC_URL", *SECRETS} <= set(given)


def test_the_values_in_the_manifests_can_be_read() -> None:
    given = {name: value for name, value in environments()["kubernetes"].items() if value}
    assert not read_settings(given).problems
    assert not read_http_settings(given).problems


def test_no_secret_stands_in_the_files() -> None:
    for name, value in environments()["compose"].items():
        assert value.startswith(f"${{{name}:")
    assert not any(one_of("Secret")["stringData"].values())
    assert not set(one_of("ConfigMap")["data"]) & SECRETS


def test_probes_and_routes_lead_to_paths_that_are_served() -> None:
    (container,) = one_of("Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health"
    routed = {one["path"] for one in one_of("Ingress")["spec"]["rules"][0]["http"]["paths"]}
    assert routed == {"/mcp", tickets.PATH, webhooks.PATH}
    assert "/ready" in str(compose()["services"]["server"]["healthcheck"]["test"])


def test_the_names_in_the_manifests_are_the_same_everywhere() -> None:
    host = one_of("ConfigMap")["data"]["WAVESPEED_PUBLIC_URL"].removeprefix("https://")
    ingress = one_of("Ingress")["spec"]
    assert {host} == {*ingress["tls"][0]["hosts"], ingress["rules"][0]["host"]}
    pod = one_of("Deployment")["spec"]["template"]
    assert one_of("Service")["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    (state,) = [one for one in pod["spec"]["volumes"] if "persistentVolumeClaim" in one]
    claim = one_of("PersistentVolumeClaim")["metadata"]["name"]
    assert state["persistentVolumeClaim"]["claimName"] == claim


def test_state_is_kept_where_the_image_has_it_and_the_rest_is_read_only() -> None:
    server = compose()["services"]["server"]
    (place,) = re.findall(r"WAVESPEED_STATE_DIR=(\S+)", text("Dockerfile"))
    assert server["read_only"] and server["volumes"] == [f"state:{place}"]
    pod = one_of("Deployment")["spec"]["template"]["spec"]
    assert {"name": "state", "mountPath": place} in pod["containers"][0]["volumeMounts"]
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
    (user,) = re.findall(r"^USER (\d+)", text("Dockerfile"), re.MULTILINE)
    assert pod["securityContext"]["runAsUser"] == int(user)


def test_only_one_process_uses_a_file_and_each_has_time_to_end() -> None:
    deployment = one_of("Deployment")["spec"]
    assert deployment["replicas"] == 1 and deployment["strategy"]["type"] == "Recreate"
    assert deployment["template"]["spec"]["terminationGracePeriodSeconds"] > LONGEST_END_SECONDS
    assert int(compose()["services"]["server"]["stop_grace_period"].removesuffix("s")) > LONGEST_END_SECONDS


def test_the_image_can_serve_http() -> None:
    assert '".[http]"' in text("Dockerfile")


def test_every_metric_stands_on_the_page_and_no_other() -> None:
    told = Metrics(lambda: 0).response().body
    families = set(re.findall(r"^# TYPE (\w+) ", bytes(told).decode(), re.MULTILINE))
    # What the client adds to each by itself.
    families = {name for name in families if not name.endswith("_created")}
    assert set(re.findall(r"^\| `(wavespeed_\w+)` \|", PAGE, re.MULTILINE)) == families


def test_every_setting_on_the_page_is_one() -> None:
    assert set(re.findall(r"WAVESPEED_\w+", PAGE)) <= {*KNOWN, *HTTP_MEANINGS}


@pytest.mark.ci
def test_nginx_takes_the_proxys_configuration(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    import shutil

    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None or shutil.which("openssl") is None:
        request.getfixturevalue("lacking")("nginx or openssl is not installed (run .ci/install-team)")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [*OPENSSL, "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    config = text("deploy/nginx.conf").replace("/etc/nginx/tls", str(tmp_path))
    # Outside of compose nothing has this name.
    config = config.replace("http://server:8000", "http://127.0.0.1:8000")
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\n{config}", encoding="utf-8")
    command = [str(program), "-t", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "errors")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
