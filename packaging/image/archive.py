#!/usr/bin/python3
"""Makes container images of static programs, without a daemon: archive.py --out DIR PROGRAM...

An image is an empty root with /usr/bin/virga and /var/lib/virga, as the Dockerfile beside this file makes it. Each program
becomes DIR/virga-image-VERSION-ARCH.tar, which docker load, podman load and skopeo read, and DIR/image/root-ARCH.tar, from which
the Dockerfile makes the same image. Two or more together become DIR/virga-image-VERSION.tar with an index, from which skopeo and
registries take the image of their machine.

The layout is that of the OCI (image-spec 1.0): blobs by their hash, index.json, oci-layout. manifest.json, which older versions
of docker load read, names the same blobs. Everything has one time and is sorted, so the same program gives the same bytes.
"""
import argparse
import datetime
import hashlib
import io
import json
import pathlib
import sys
import tarfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import project  # noqa: E402

USER = 65532
OCI = "application/vnd.oci.image."
SECOND = 1_000_000_000  # durations of a health check are in nanoseconds


def settings():
    """What a container starts with. The Dockerfile says the same."""
    return {
        "User": f"{USER}:{USER}",
        "Env": ["PATH=/usr/bin", "XDG_STATE_HOME=/var/lib", "VIRGA_HOST=0.0.0.0"],
        "Entrypoint": ["/usr/bin/virga"],
        "Cmd": ["serve"],
        "ExposedPorts": {"8328/tcp": {}},
        "Volumes": {"/var/lib/virga": {}},
        "WorkingDir": "/var/lib/virga",
        "StopSignal": "SIGTERM",
        # Not part of the OCI's specification; Docker reads it, others ignore it.
        "Healthcheck": {"Test": ["CMD", "/usr/bin/virga", "health"], "Interval": 2 * SECOND, "Timeout": 2 * SECOND,
                        "StartPeriod": 5 * SECOND, "Retries": 3},
        "Labels": {"org.opencontainers.image.title": project.PROJECT["name"],
                   "org.opencontainers.image.description": project.PROJECT["summary"],
                   "org.opencontainers.image.licenses": project.PROJECT["licence"],
                   "org.opencontainers.image.source": project.PROJECT["repository"],
                   "org.opencontainers.image.version": project.version()},
    }


def tar(entries, seconds):
    """A tar archive of (name, mode, owner, bytes); bytes that are None make a folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, mode, owner, data in entries:
            info = tarfile.TarInfo(name)
            info.mode, info.uid, info.gid, info.mtime = mode, owner, owner, seconds
            info.type = tarfile.DIRTYPE if data is None else tarfile.REGTYPE
            info.size = len(data or b"")
            archive.addfile(info, io.BytesIO(data) if data else None)
    return out.getvalue()


def layer(program, seconds):
    """The root of a container. /tmp is where SQLite writes what it sorts."""
    return tar([("tmp", 0o1777, 0, None), ("usr", 0o755, 0, None), ("usr/bin", 0o755, 0, None),
                ("usr/bin/virga", 0o755, 0, program.read_bytes()), ("var", 0o755, 0, None), ("var/lib", 0o755, 0, None),
                ("var/lib/virga", 0o700, USER, None)], seconds)


class Blobs:
    """The files of an image by their hashes."""

    def __init__(self):
        self.files = {}

    def add(self, media_type, data):
        digest = hashlib.sha256(data).hexdigest()
        self.files[f"blobs/sha256/{digest}"] = data
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    def add_json(self, media_type, value):
        return self.add(media_type, json.dumps(value, separators=(",", ":")).encode())


def add_image(blobs, program, seconds):
    """Adds the image of one program. Returns its manifest's descriptor, and its entry in manifest.json."""
    root = blobs.add(OCI + "layer.v1.tar", layer(program, seconds))
    created = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    platform = {"architecture": project.architecture(program), "os": "linux"}
    config = blobs.add_json(OCI + "config.v1+json", {
        "created": created, **platform, "config": settings(), "rootfs": {"type": "layers", "diff_ids": [root["digest"]]},
        "history": [{"created": created, "created_by": "packaging/image/archive.py"}]})
    manifest = blobs.add_json(OCI + "manifest.v1+json", {
        "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": config, "layers": [root]})
    path_of = {name: "blobs/" + part["digest"].replace(":", "/") for name, part in (("config", config), ("layer", root))}
    tags = [f"virga:{project.version()}", "virga:latest"]
    return {**manifest, "platform": platform}, {"Config": path_of["config"], "RepoTags": tags, "Layers": [path_of["layer"]]}


def named(descriptor, name):
    """The descriptor with the annotations by which tools call the image."""
    return {**descriptor, "annotations": {"io.containerd.image.name": f"docker.io/library/virga:{name}",
                                          "org.opencontainers.image.ref.name": name}}


def write(path, blobs, manifests, docker, seconds):
    files = {"index.json": {"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": manifests},
             "oci-layout": {"imageLayoutVersion": "1.0.0"}}
    if docker:
        files["manifest.json"] = [docker]
    files = {name: json.dumps(value, separators=(",", ":")).encode() for name, value in files.items()}
    files.update(blobs.files)
    folders = [("blobs", 0o755, 0, None), ("blobs/sha256", 0o755, 0, None)]
    path.write_bytes(tar(folders + [(name, 0o644, 0, data) for name, data in sorted(files.items())], seconds))
    print(f"{path}: {path.stat().st_size} bytes")


def main(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", type=pathlib.Path, required=True, metavar="DIR")
    p.add_argument("programs", nargs="+", type=pathlib.Path, metavar="PROGRAM")
    args = p.parse_args(argv)
    seconds, name = project.source_time(), project.version()
    together, all_manifests = Blobs(), []
    context = args.out / "image"
    context.mkdir(parents=True, exist_ok=True)
    for program in args.programs:
        (context / f"root-{project.architecture(program)}.tar").write_bytes(layer(program, seconds))
        blobs = Blobs()
        manifest, docker = add_image(blobs, program, seconds)
        write(args.out / f"virga-image-{name}-{project.architecture(program)}.tar", blobs, [named(manifest, name)], docker, seconds)
        together.files.update(blobs.files)
        all_manifests.append(manifest)
    if len(all_manifests) > 1:
        index = together.add_json(OCI + "index.v1+json", {
            "schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": all_manifests})
        write(args.out / f"virga-image-{name}.tar", together, [named(index, name)], None, seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
