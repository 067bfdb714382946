"""What Schemathesis may send as JSON: numbers have 53 bits here, and no zero has a sign (docs/protocol.md)."""

import math

import schemathesis

MOST = 2**53 - 1


def is_exact(value):
    if isinstance(value, dict):
        return all(is_exact(one) for one in value.values())
    if isinstance(value, list):
        return all(is_exact(one) for one in value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return True
    return abs(value) <= MOST and not (value == 0 and math.copysign(1, value) < 0)


@schemathesis.hook
def filter_body(context, body):
    return is_exact(body)
