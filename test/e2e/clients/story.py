"""What the official Python client sees of a server, as lines that are the same wherever it is told the truth.

Called with a kubeconfig and a namespace of its own.
"""

import json
import logging
import sys
import threading

from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.informer.informer import SharedInformer
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock

LIMIT_S = 60
PAGES = "kind=page"


def say(line):
    print(line, flush=True)


def outcome(what, act):
    """The status and message of what is refused."""
    try:
        act()
        say(f"{what}: done")
    except ApiException as error:
        body = error.body.decode() if isinstance(error.body, bytes) else error.body
        try:
            body = json.loads(body)["message"]
        except (TypeError, ValueError, KeyError):
            pass  # not every answer is a Status
        say(f"{what}: {error.status} {body}")


def config_map(name, /, **data):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels={"kind": "page"}), data=data)


def lists(core, namespace):
    for name in "abcde":
        core.create_namespaced_config_map(namespace, config_map(name, name=name))
    found = core.list_namespaced_config_map(namespace, label_selector=PAGES)
    say(f"list: {[item.metadata.name for item in found.items]} {found.kind} {found.api_version}")
    token = None
    while True:
        page = core.list_namespaced_config_map(namespace, label_selector=PAGES, limit=2, _continue=token)
        token = page.metadata._continue
        say(f"page: {[item.data['name'] for item in page.items]}, more: {bool(token)}")
        if not token:
            break
    say(f"count: {len(core.list_namespaced_config_map(namespace, label_selector=PAGES, resource_version='0').items) == 5}")
    expired = lambda: core.list_namespaced_config_map(namespace, limit=2, _continue="%%")
    outcome("a token that is none", expired)


def patches(core, namespace):
    merged = core.patch_namespaced_config_map("a", namespace, {"data": {"merge": "1", "name": None}})
    say(f"patched: {sorted(merged.data.items())}")
    operations = [{"op": "add", "path": "/data/json", "value": "2"}, {"op": "remove", "path": "/data/merge"}]
    say(f"JSON patch: {core.patch_namespaced_config_map('a', namespace, operations).data}")
    stale = core.read_namespaced_config_map("a", namespace)
    stale.metadata.resource_version = "1"
    outcome("stale replace", lambda: core.replace_namespaced_config_map("a", namespace, stale))
    wrong = lambda: core.patch_namespaced_config_map("a", namespace, {"data": {"a b": "1"}})
    outcome("wrong key", wrong)


def applies(dynamic_client, namespace):
    claims = dynamic_client.resources.get(api_version="v1", kind="PersistentVolumeClaim")

    def apply(manager, labels, force=False):
        body = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "applied", "namespace": namespace, "labels": labels},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "none"},
        }
        return claims.server_side_apply(body=body, field_manager=manager, force_conflicts=force)

    made = apply("alice", {"a": "1", "b": "1"}).to_dict()
    say(f"applied: {[(entry['manager'], entry['operation']) for entry in made['metadata']['managedFields']]}")
    outcome("conflict", lambda: apply("bob", {"a": "2"}))
    forced = apply("bob", {"a": "2"}, True).to_dict()
    say(f"forced: {sorted(forced['metadata']['labels'].items())}")
    less = apply("alice", {}).to_dict()
    say(f"given up: {sorted(less['metadata']['labels'].items())}")
    fields = {entry["manager"]: entry["fieldsV1"] for entry in less["metadata"]["managedFields"]}
    say(f"fields: {json.dumps(fields, sort_keys=True)}")
    claims.delete(name="applied", namespace=namespace)


def watches(core, namespace):
    """A watch that ends, and one that goes on where it was."""
    version = core.list_namespaced_config_map(namespace).metadata.resource_version
    for turn in ("first", "second"):
        core.patch_namespaced_config_map("b", namespace, {"data": {"turn": turn}})
        core.create_namespaced_config_map(namespace, config_map(turn))
        core.delete_namespaced_config_map(turn, namespace)
        seen = []
        watching = watch.Watch()
        arguments = {"label_selector": PAGES, "resource_version": version, "timeout_seconds": LIMIT_S}
        for event in watching.stream(core.list_namespaced_config_map, namespace, **arguments):
            seen.append((event["type"], event["object"].metadata.name))
            version = event["object"].metadata.resource_version
            if event["type"] == "DELETED":
                watching.stop()
        say(f"{turn} watch: {seen}")
    ended = list(watch.Watch().stream(core.list_namespaced_config_map, namespace, resource_version=version, timeout_seconds=1))
    say(f"a watch ends in time, with nothing new: {ended}")


def informs(core, namespace):
    """The cache of an informer follows what happens."""
    gone = threading.Event()
    seen = []
    informer = SharedInformer(core.list_namespaced_config_map, namespace=namespace, label_selector=PAGES)
    ready = threading.Event()

    def added(item):
        seen.append(("added", item.metadata.name))
        if item.metadata.name == "e":
            ready.set()

    informer.add_event_handler("ADDED", added)
    informer.add_event_handler("MODIFIED", lambda item: seen.append(("modified", item.metadata.name)))
    informer.add_event_handler("DELETED", lambda item: (seen.append(("deleted", item.metadata.name)), gone.set()))
    informer.start()
    assert ready.wait(LIMIT_S), "the informer never had the last one"
    core.create_namespaced_config_map(namespace, config_map("z"))
    core.patch_namespaced_config_map("z", namespace, {"data": {"new": "1"}})
    core.delete_namespaced_config_map("z", namespace)
    assert gone.wait(LIMIT_S), "the informer never saw the end"
    say(f"informer: {seen}; has {sorted(item.metadata.name for item in informer.cache.list())}")
    informer.stop()


def elects(namespace):
    """The first who stands leads; the second leads when the first no longer renews."""
    leases = client.CoordinationV1Api()
    led = []

    def stand(identity):
        done = threading.Event()
        lock = LeaseLock("leader", namespace, identity)
        won = lambda: (led.append(identity), done.set())
        settings = electionconfig.Config(lock, 4, 3, 1, onstarted_leading=won, onstopped_leading=lambda: None)
        threading.Thread(target=leaderelection.LeaderElection(settings).run, daemon=True).start()
        return done

    assert stand("one").wait(LIMIT_S), "nobody leads"
    stand("two")
    lease = leases.read_namespaced_lease("leader", namespace)
    say(f"led by {led}, held by {lease.spec.holder_identity}, for {lease.spec.lease_duration_seconds} s")
    say(f"renewed in microseconds: {lease.spec.renew_time is not None and lease.spec.acquire_time is not None}")


def happens(core, namespace):
    regarding = client.V1ObjectReference(api_version="v1", kind="ConfigMap", name="a", namespace=namespace)
    body = client.EventsV1Event(
        metadata=client.V1ObjectMeta(name="seen"),
        regarding=regarding,
        event_time="2026-01-02T03:04:05.000006Z",
        reporting_controller="example.org/story",
        reporting_instance="story-1",
        action="Look",
        reason="Seen",
        type="Normal",
        note="it was there",
    )
    client.EventsV1Api().create_namespaced_event(namespace, body)
    event = core.read_namespaced_event("seen", namespace)
    say(f"event: {event.reason} {event.message} {event.involved_object.name} {event.event_time} {event.reporting_component}")


def refuses(core, namespace):
    outcome("not there", lambda: core.read_namespaced_config_map("nosuch", namespace))
    outcome("bad name", lambda: core.create_namespaced_config_map(namespace, config_map("A_B")))
    outcome("twice", lambda: core.create_namespaced_config_map(namespace, config_map("b")))
    outcome("nowhere", lambda: core.create_namespaced_config_map("nowhere", config_map("b")))
    claim = {"metadata": {"name": "wrong"}, "spec": {"accessModes": [], "resources": {}}}
    outcome("wrong claim", lambda: core.create_namespaced_persistent_volume_claim(namespace, claim))


def finds(dynamic_client):
    """Discovery, as the dynamic client does it."""
    for version, kind in (("v1", "PersistentVolumeClaim"), ("storage.k8s.io/v1", "StorageClass"), ("apps/v1", "Deployment")):
        resource = dynamic_client.resources.get(api_version=version, kind=kind)
        say(f"{kind}: {resource.name} {resource.singular_name} {resource.namespaced} {sorted(resource.verbs)} {resource.short_names}")


def main(kubeconfig, namespace):
    logging.disable(logging.CRITICAL)
    config.load_kube_config(config_file=kubeconfig)
    core = client.CoreV1Api()
    dynamic_client = dynamic.DynamicClient(client.ApiClient())
    say(f"version: {client.VersionApi().get_code().git_version.split('+')[0]}")
    finds(dynamic_client)
    lists(core, namespace)
    patches(core, namespace)
    applies(dynamic_client, namespace)
    watches(core, namespace)
    informs(core, namespace)
    elects(namespace)
    happens(core, namespace)
    refuses(core, namespace)


if __name__ == "__main__":
    main(*sys.argv[1:])
