"""Who broke a limit of late: addresses whose queries wait in a lane of their own for a while."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict

#: How long a broken limit is remembered, and of how many addresses.
_SECONDS, _MOST = 60.0, 10_000


class Penalties:
    """The addresses that broke a limit within the last minute; unnamed ones are not remembered."""

    def __init__(self) -> None:
        self._until: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, address: str) -> None:
        """Remember an address for a minute from now."""
        if not address:
            return
        with self._lock:
            self._until[network(address)] = time.monotonic() + _SECONDS
            self._until.move_to_end(network(address))
            if len(self._until) > _MOST:
                self._until.popitem(last=False)

    def holds(self, address: str) -> bool:
        """Tell whether an address is remembered.

        >>> penalties = Penalties(); penalties.add("192.0.2.1")
        >>> penalties.holds("192.0.2.1"), penalties.holds("192.0.2.2"), penalties.holds("")
        (True, False, False)
        """
        with self._lock:
            return self._until.get(network(address), 0.0) > time.monotonic()


def network(address: str) -> str:
    """Return what one party holds: a single IPv4 address, or the 64-bit network of an IPv6 address.

    >>> network("2001:db8::1:2"), network("192.0.2.1"), network("testclient")
    ('2001:db8::/64', '192.0.2.1', 'testclient')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
