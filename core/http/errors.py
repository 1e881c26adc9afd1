"""What can go wrong with an outbound request: refused for good, or worth another try.

Every message is fit to be shown to the tenant who wrote the URL. None of them says which address a
name leads to: that would turn the door into a map of the operator's network.
"""


class HttpError(Exception):
    """Base of every error that ``core.http.request`` raises.

    ``code`` never varies and is fit for an API; ``retryable`` says whether the same request may
    succeed later without anybody changing anything.
    """

    code = "HTTP_ERROR"
    retryable = False


class RequestRefusedError(HttpError):
    """The request was never sent and never will be as it stands."""

    code = "REQUEST_REFUSED"


class InvalidUrlError(RequestRefusedError):
    """The URL is malformed, or of a form that is not accepted."""

    code = "INVALID_URL"


class InvalidHeaderError(RequestRefusedError):
    """A header's name or value may not be sent."""

    code = "INVALID_HEADER"


class InvalidMethodError(RequestRefusedError):
    """The method is not one that may be sent."""

    code = "INVALID_METHOD"


class AddressRefusedError(RequestRefusedError):
    """The host is, or leads to, an address that may not be reached."""

    code = "ADDRESS_REFUSED"


class TransportError(HttpError):
    """The peer or the network failed; the request may have been received all the same."""

    code = "TRANSPORT_FAILED"
    retryable = True


class UnreachableError(TransportError):
    """The name did not resolve, or the connection was refused, lost or reset."""

    code = "UNREACHABLE"


class DeadlineError(TransportError):
    """The exchange was not over when its time was."""

    code = "DEADLINE_EXCEEDED"


class TlsError(TransportError):
    """No trusted, encrypted connection came about."""

    code = "TLS_FAILED"


class MalformedResponseError(TransportError):
    """What came back is not a complete HTTP response within the limits."""

    code = "MALFORMED_RESPONSE"
