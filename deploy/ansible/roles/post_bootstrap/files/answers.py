"""Whether an API of this very cluster answers at an address: `yes` or `no`. Reads, and changes nothing.

Whoever else has the address cannot show a certificate of the cluster's authority, and counts as nobody.
"""
import json
import socket
import ssl
import sys

PATIENCE_S = 5


def answers(asked):
    context = ssl.create_default_context(cadata=asked["authority"])
    # Newer Pythons refuse authorities that leave out an extension; kubectl, which reads the file, does not.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    with socket.create_connection((asked["host"], asked["port"]), timeout=PATIENCE_S) as connection:
        with context.wrap_socket(connection, server_hostname=asked["host"]):
            return True


def main():
    try:
        said = answers(json.load(sys.stdin))
    except OSError:  # of the network, and of TLS
        said = False
    sys.stdout.write("yes" if said else "no")


main()
