"""An S3 server on loopback that turns away whoever lacks its key."""

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager

import boto3
import pytest
from moto.core import disable_iam_authentication, enable_iam_authentication
from moto.server import ThreadedMotoServer

# Neither the files of ~/.aws nor the metadata server of a cloud's machine are asked for anything.
ISOLATED = {
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_DEFAULT_REGION": "us-east-1",
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
}
RIGHTS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


@contextmanager
def server() -> Iterator[str]:
    """The address of a server; meanwhile the environment, of child processes too, is what boto3, s3fs and DVC need.

    Signatures are checked: another secret, or none, is refused.
    """
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    address = "http://{}:{}".format(*moto.get_host_and_port())
    try:
        with pytest.MonkeyPatch.context() as patch, enable_iam_authentication():
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                patch.delenv(name)
            for name, value in {**ISOLATED, "AWS_ENDPOINT_URL": address, **key(address)}.items():
                patch.setenv(name, value)
            yield address
    finally:
        moto.stop()


def key(address: str) -> dict[str, str]:
    """The key of a new user, who may do anything in S3 and nothing else."""
    name = uuid.uuid4().hex  # moto's users are the process's, not the server's
    anyone = boto3.Session("any", "any", region_name="us-east-1")
    with disable_iam_authentication(), closing(anyone.client("iam", endpoint_url=address)) as iam:
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="s3", PolicyDocument=json.dumps(RIGHTS))
        made = iam.create_access_key(UserName=name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}


def bucket() -> str:
    """The name of a new, empty bucket of the server."""
    name = uuid.uuid4().hex
    with closing(boto3.Session().client("s3")) as s3:
        s3.create_bucket(Bucket=name)
    return name
