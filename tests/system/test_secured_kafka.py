"""On a broker with the cluster's TLS and ACLs every service does its work with its own certificate, and nothing beyond it.

A trace that a caller begins at the door is found again on the evaluation, and in the lines of the services' logs.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import msgspec
import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError, TopicAuthorizationFailedError

from deploy.embedded.stack import Stack
from services.cli.broker import KafkaBroker, Outgoing
from services.cli.publishing import publish_packs
from services.contracts.ids import BlockId, CampaignId
from services.contracts.kafka import kafka_security
from services.contracts.principals import PRINCIPAL_SCHEMA, Principal, encode_principal, issue_key
from services.contracts.settings import ServiceSettings
from services.contracts.topics import EVALUATIONS, PEOPLE, PRINCIPALS, RANKINGS
from services.contracts.tracing import trace_of
from tests.support import asking
from tests.support.packs import evaluation_due, small_pack
from tests.system.commands import PATIENT_WORKER
from tests.system.secured import SecuredBroker, secured_broker, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

CAMPAIGN = CampaignId("secured")
BLOCK = BlockId("secured/a")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
DATABASE = "secured"


@pytest.fixture(scope="module")
def broker(engines: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """The broker with ACLs, topics, a pack, and all five services on it."""
    clickhouse = {"THIDUA_CLICKHOUSE_URL": engines.urls["clickhouse"], "THIDUA_CLICKHOUSE_DATABASE": DATABASE}
    with secured_broker(tmp_path_factory.mktemp("secured")) as broker:
        until(lambda: _answers(broker), lambda: f"the broker answers:\n{broker.log('kafka')[-3000:]}")
        assert "deleted" in broker.step("admin", "deploy.kafka")
        assert broker.step("admin", "deploy.kafka").endswith("0 created, 0 deleted\n")
        broker.step("deploy", "services.cli.main", "topics", "create")
        broker.step("storage", "services.storage", "migrate", **clickhouse)
        publish_packs(_as(broker, "office"), [small_pack(CAMPAIGN)])
        for service in ("ingest", "scoring", "storage", "api", "alerting"):
            broker.run_until_ready(service, **clickhouse, **PATIENT_WORKER)
        yield broker


def test_a_trace_goes_from_the_door_to_the_evaluation_and_its_log_line(broker: SecuredBroker) -> None:
    answer = httpx.post(
        f"{broker.layout.urls['ingest']}/v1/events",
        content=msgspec.json.encode(msgspec.structs.replace(evaluation_due(BLOCK), source="/secured/office")),
        headers={
            "authorization": f"Bearer {_office_key(broker)}",
            "content-type": "application/cloudevents+json",
            "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
        },
        trust_env=False,
        timeout=60,
    )
    assert answer.json()["status"] == "accepted", answer.text
    consumer = KafkaConsumer(EVALUATIONS.name, auto_offset_reset="earliest", **_client(broker, "office"))
    try:
        found = next(records[0] for _ in range(600) if (records := _flat(consumer.poll(timeout_ms=300))))
    finally:
        consumer.close()
    trace = trace_of(found.headers)
    assert trace is not None
    assert trace.trace_id == TRACE
    assert TRACE.encode() not in found.value
    until(lambda: TRACE in broker.log("scoring"), lambda: "the worker's log names the trace")
    line = next(json.loads(one) for one in broker.log("scoring").splitlines() if TRACE in one)
    assert (line["event"], line["block"], line["index"]) == ("evaluation published", BLOCK, 0)


def test_every_service_shows_its_metrics(broker: SecuredBroker) -> None:
    ports = broker.layout.ports
    for name, metric in {
        "ingest": "thidua_ingest_records_total",
        "scoring": "thidua_scoring_outputs_total",
        "storage": "thidua_storage_rows_total",
        "api": "thidua_api_records_total",
        "alerting": "thidua_alerting_waiting",
    }.items():
        assert metric in asking.get(f"http://127.0.0.1:{getattr(ports, name)}/metrics").text


def test_a_service_may_not_write_what_another_writes(broker: SecuredBroker) -> None:
    producer = KafkaProducer(max_block_ms=60_000, **_client(broker, "ingest"))
    with pytest.raises(KafkaError) as refused:
        producer.send(RANKINGS.name, b"{}").get(timeout=90)
    assert isinstance(refused.value, TopicAuthorizationFailedError)
    producer.close()


@pytest.mark.parametrize(("principal", "sees"), [("office", True), ("storage", False), ("api", False)])
def test_people_are_there_for_the_office_and_not_for_services_that_need_none(
    broker: SecuredBroker, principal: str, sees: bool
) -> None:
    consumer = KafkaConsumer(**_client(broker, principal))
    assert (PEOPLE.name in consumer.topics()) is sees
    consumer.close()


def test_without_a_certificate_nobody_comes_in(broker: SecuredBroker) -> None:
    own = broker.environment("ingest")
    settings = ServiceSettings(
        kafka_bootstrap=own["THIDUA_KAFKA_BOOTSTRAP"],
        kafka_security_protocol="SSL",
        kafka_ca_file=own["THIDUA_KAFKA_CA_FILE"],
    )
    with pytest.raises(KafkaError):
        KafkaConsumer(
            bootstrap_servers=settings.kafka_servers(), bootstrap_timeout_ms=3_000, **kafka_security(settings)
        )


def _settings(broker: SecuredBroker, principal: str) -> ServiceSettings:
    own = broker.environment(principal)
    fields = {name: own[f"THIDUA_{name.upper()}"] for name in ServiceSettings.model_fields if name in _GIVEN}
    return ServiceSettings(**fields)


_GIVEN = (
    "kafka_bootstrap",
    "kafka_security_protocol",
    "kafka_ca_file",
    "kafka_cert_file",
    "kafka_key_file",
)


def _client(broker: SecuredBroker, principal: str) -> dict[str, object]:
    settings = _settings(broker, principal)
    return {"bootstrap_servers": settings.kafka_servers(), **kafka_security(settings)}


def _as(broker: SecuredBroker, principal: str) -> KafkaBroker:
    return KafkaBroker.of(_settings(broker, principal))


def _answers(broker: SecuredBroker) -> bool:
    try:
        KafkaConsumer(bootstrap_timeout_ms=1_000, **_client(broker, "admin")).close()
    except KafkaError:
        return False
    return True


def _flat(polled: dict[object, list[object]]) -> list[object]:
    return [record for records in polled.values() for record in records]


def _office_key(broker: SecuredBroker) -> str:
    key = issue_key()
    principal = Principal(
        id=key.id,
        name="Văn phòng",
        campaign=CAMPAIGN,
        role="office",
        origin="department",
        source_prefix="/secured/office",
        key_hash=key.key_hash,
        issued=datetime.now(UTC),
    )
    _as(broker, "office").append(
        PRINCIPALS, [Outgoing(key.id, encode_principal(principal), PRINCIPAL_SCHEMA)]
    )
    until(lambda: _is_known(broker, key.key), lambda: "the door knows the key")
    return key.key


def _is_known(broker: SecuredBroker, key: str) -> bool:
    url = f"{broker.layout.urls['ingest']}/v1/limits"
    return asking.get(url, headers={"authorization": f"Bearer {key}"}).status_code == 200
