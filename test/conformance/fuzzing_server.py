# kosoku's command line, with two faults of kosoku 0.1.0 mended, both in groups 12 and 13, where the original suite does
# as said here.
#
# A client may echo a message uncompressed (RFC 7692, section 6): small and random ones are not worth compressing. kosoku
# hands such a message to the case as str, of octets if it is binary. The case counts on the bytes that came.
#
# A server may answer `client_no_context_takeover` unasked (section 7.1.1.2). kosoku takes an offer without it as one that
# does not allow that, and then declines.

from kosoku import _caseindex, _cli
from kosoku._kosoku import PerMessageDeflateOffer

# Makes the cases importable.
_caseindex.initialize_shims()

import case12_x_x  # noqa: E402


def with_bytes(on_message):
    def onMessage(self, message, binary):
        if isinstance(message, str):
            message = message.encode("latin-1" if binary else "utf-8")
        on_message(self, message, binary)

    return onMessage


def unasked(accept):
    def SERVER_ACCEPT(self, offers):
        return accept(
            self,
            [
                PerMessageDeflateOffer(
                    True,
                    offer.acceptMaxWindowBits,
                    offer.requestNoContextTakeover,
                    offer.requestMaxWindowBits,
                )
                for offer in offers
            ],
        )

    return SERVER_ACCEPT


for case in case12_x_x.Case12_X_X + case12_x_x.Case13_X_X:
    case.onMessage = with_bytes(case.onMessage)
    case.SERVER_ACCEPT = unasked(case.SERVER_ACCEPT)

_cli.main()
