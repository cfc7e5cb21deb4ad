"""Keeps every mail that aiosmtpd takes as JSON, named by the moment of its arrival."""

import asyncio
import email
import email.policy
import json
import os
import time

SLOW_SECONDS = 600


class Keeper:
    def __init__(self, folder):
        self.folder = folder

    @classmethod
    def from_cli(cls, parser, folder):
        return cls(folder)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("full@"):
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        kept = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": [[name, str(value)] for name, value in mail.items()],
            "body": mail.get_content(),
        }
        path = os.path.join(self.folder, str(time.time_ns()))
        with open(path, "w") as file:
            json.dump(kept, file)
        os.rename(path, path + ".json")
        if any(address.startswith("slow@") for address in envelope.rcpt_tos):
            await asyncio.sleep(SLOW_SECONDS)
        return "250 OK"
