"""The door's addresses: push events, ask for the limits, its health and its metrics."""

from fastapi import APIRouter, Request, Response

from services.contracts.events import MAX_EVENT_BYTES, type_of
from services.contracts.http_requests import instance_of, trace_of_request
from services.contracts.metrics import MEDIA_TYPE
from services.contracts.principals import ALLOWED_TYPES, Principal
from services.contracts.validation import MAX_CLOCK_AHEAD
from services.ingest.answers import KeyHolder, Limits
from services.ingest.bodies import Mode, announced_bytes, events_in, mode_of, read_body
from services.ingest.door import Door
from services.ingest.intake import Checked
from services.ingest.responses import batch_response, json_response, single_response
from services.ingest.settings import IngestSettings
from services.ingest.shares import events_per_s

router = APIRouter()


async def push(request: Request) -> Response:
    """Takes one CloudEvent (structured or binary mode) or a batch; answers when the log has acknowledged all that was accepted."""
    door, principal = _entered(request)
    mode = mode_of(request.headers)
    announced = announced_bytes(request.headers, door.settings.ingest_max_batch_bytes)
    async with door.shares.entered(principal, announced) as visit:
        body = await read_body(
            request, door.settings.ingest_max_batch_bytes, door.settings.ingest_body_timeout_s
        )
        request.state.body_read = visit.is_read = True
        async with door.gathering.turn(len(body)):
            async with visit.share.turn:
                events = events_in(body, mode, request.headers, door.settings.ingest_max_batch_events)
                visit.spend(len(events))
                checked = await door.intake.check(events, principal, door.now())
            await door.intake.store(checked, trace_of_request(request))
    return _answer(checked, mode, door, instance_of(request))


def _answer(checked: Checked, mode: Mode, door: Door, instance: str | None) -> Response:
    results = checked.results
    if mode != "batch":
        door.metrics.events[results[0].status].inc()
        return single_response(results[0], instance)
    counts = checked.counts()
    for outcome, count in counts.items():
        if count:
            door.metrics.events[outcome].inc(count)
    return batch_response(results, counts, instance)


router.add_route("/v1/events", push, methods=["POST"])  # past FastAPI's parameter machinery: 80 us a request


@router.get("/v1/limits")
async def limits(request: Request) -> Response:
    """What this key may send, and how much at once."""
    door, principal = _entered(request)
    return json_response(_limits(door.settings, principal))


@router.get("/livez")
async def livez() -> Response:
    """The process answers."""
    return json_response({"live": True})


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """The door can take events now."""
    _door(request).require_ready()
    return json_response({"ready": True})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """For Prometheus."""
    return Response(_door(request).metrics.exposition(), media_type=MEDIA_TYPE)


def _door(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


def _entered(request: Request) -> tuple[Door, Principal]:
    door = _door(request)
    door.require_tables()
    return door, door.principals.authenticate(request.headers.get("authorization"))


def _limits(settings: IngestSettings, principal: Principal) -> Limits:
    rate = events_per_s(settings, principal)
    return Limits(
        principal=_key_holder(principal),
        max_event_bytes=MAX_EVENT_BYTES,
        max_batch_events=settings.ingest_max_batch_events,
        max_batch_bytes=settings.ingest_max_batch_bytes,
        max_clock_ahead_s=int(MAX_CLOCK_AHEAD.total_seconds()),
        body_timeout_s=settings.ingest_body_timeout_s,
        recent_events=settings.ingest_recent_events,
        events_per_s=rate,
        burst_events=int(rate * settings.ingest_burst_s),
        requests_at_once=settings.ingest_key_requests,
    )


def _key_holder(principal: Principal) -> KeyHolder:
    return KeyHolder(
        id=principal.id,
        name=principal.name,
        campaign=principal.campaign,
        role=principal.role,
        origin=principal.origin,
        source_prefix=principal.source_prefix,
        types=sorted(type_of(event_class) for event_class in ALLOWED_TYPES[principal.role]),
        units=None if principal.units is None else len(principal.units),
    )
