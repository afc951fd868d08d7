"""What goes wrong on the way to a submission server, as our errors."""

import ssl

from ownhand.daemon.errors import Unreachable


class told:
    """Tells what the network and its libraries raise as an Unreachable. A class: a generator costs more."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        match error:
            case ssl.SSLCertVerificationError():
                raise Unreachable("the certificate of the submission server is not to be trusted") from None
            case ssl.SSLError():
                raise Unreachable("no secure link to the submission server came about") from None
            case TimeoutError():
                raise Unreachable("the submission server did not answer in time") from None
            case ConnectionRefusedError():
                raise Unreachable("the submission server does not take connections") from None
            case ConnectionError():
                raise cut() from None
            case OSError():
                raise Unreachable("the submission server cannot be reached") from None
            case ValueError():  # a line beyond the limit
                raise senseless() from None


def cut() -> Unreachable:
    return Unreachable("the connection to the submission server was lost")


def senseless() -> Unreachable:
    return Unreachable("the submission server answered what makes no sense")
