"""What deploy/ and docs/operating.md say is so: settings, commands, paths and metrics are the code's."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from wavespeed_mcp_server.grammar import parser
from wavespeed_mcp_server.setting_names import HTTP_MEANINGS, KNOWN, SECRETS
from wavespeed_mcp_server.settings import read_http_settings, read_settings
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


def one_of(kind: str, name: str = "wavespeed") -> Any:
    """The only object of this kind and name."""
    (found,) = [one for one in manifests() if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


def service(name: str) -> Any:
    """A service of the compose file."""
    return compose()["services"][name]


def pod_of(kind: str, name: str = "wavespeed") -> Any:
    """What runs a pod of such an object."""
    return one_of(kind, name)["spec"]["template"]["spec"]


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
    assert (
        one_of("PodDisruptionBudget")["spec"]["selector"].items()
        <= one_of("Deployment")["spec"]["selector"].items()
    )


def test_what_is_kept_is_in_the_database_and_replicas_share_no_file() -> None:
    (place,) = re.findall(r"WAVESPEED_STATE_DIR=(\S+)", text("Dockerfile"))
    (user,) = re.findall(r"^USER (\d+)", text("Dockerfile"), re.MULTILINE)
    server = service("server")
    assert server["read_only"] and "volumes" not in server
    assert f"{place}:uid={user},mode=0700" in server["tmpfs"]
    pod = pod_of("Deployment")
    assert pod["securityContext"]["runAsUser"] == int(user)
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
    assert {"name": "state", "mountPath": place} in pod["containers"][0]["volumeMounts"]
    assert all("emptyDir" in one for one in pod["volumes"])


def test_two_replicas_stand_behind_the_proxy_and_each_has_time_to_end() -> None:
    deployment = one_of("Deployment")["spec"]
    assert deployment["replicas"] == service("server")["deploy"]["replicas"] == 2
    assert one_of("PodDisruptionBudget")["spec"]["minAvailable"] == 1
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 1
    # A fixed port of the machine could be taken by one of them only.
    assert "ports" not in service("server") and "container_name" not in service("server")
    assert service("proxy")["depends_on"] == {"server": {"condition": "service_healthy"}}
    assert "set $replicas http://server:8000;" in text("deploy/nginx.conf")
    assert pod_of("Deployment")["terminationGracePeriodSeconds"] > LONGEST_END_SECONDS
    assert int(service("server")["stop_grace_period"].removesuffix("s")) > LONGEST_END_SECONDS


def test_the_database_keeps_its_files_is_looked_after_and_reached_directly() -> None:
    postgres, pod = service("postgres"), pod_of("StatefulSet", "wavespeed-postgres")
    (container,) = pod["containers"]
    (claim,) = one_of("StatefulSet", "wavespeed-postgres")["spec"]["volumeClaimTemplates"]
    assert service("server")["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert postgres["image"] == container["image"]
    (volume,) = postgres["volumes"]
    assert volume.partition(":")[0] in compose()["volumes"]
    assert {"name": claim["metadata"]["name"], "mountPath": volume.partition(":")[2]} in container[
        "volumeMounts"
    ]
    alive = container["readinessProbe"]["exec"]["command"]
    assert alive == container["livenessProbe"]["exec"]["command"]
    assert postgres["healthcheck"]["test"] == ["CMD", *alive]
    assert postgres["command"] == container["args"]
    # Its password is a secret of its own, and stands in no file.
    assert postgres["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:")
    secret = one_of("Secret", "wavespeed-postgres")
    assert secret["stringData"] == {"POSTGRES_PASSWORD": ""}
    assert container["envFrom"] == [{"secretRef": {"name": secret["metadata"]["name"]}}]
    # Nothing stands between: a pooler that shares sessions is refused.
    (port,) = one_of("Service", "wavespeed-postgres")["spec"]["ports"]
    assert port["port"] == container["ports"][0]["containerPort"]


def test_the_database_is_new_enough_and_takes_the_connections_of_many_replicas() -> None:
    image = service("postgres")["image"]
    (version,) = re.findall(r"postgres:(\d+)", image)
    # idle_session_timeout, by which a replica that was stopped is found out, came with 14.
    assert int(version) >= 14
    settings = service("postgres")["command"]
    assert "max_connections=100" in settings and "synchronous_commit=on" in settings
    assert "max_connections" in PAGE and "synchronous_commit" in PAGE


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
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\n{config}", encoding="utf-8")
    command = [str(program), "-t", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "errors")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
