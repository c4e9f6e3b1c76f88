"""Every error feecalc raises on purpose, in one tree.

::

    FeeCalcError
    ├── InputError                what was asked for cannot be answered as asked
    │   ├── InvalidValue          a date, place of service, number of minutes ... out of its bounds
    │   ├── UnknownRelease        no relative value release of that name
    │   ├── NotInstalled          a known release, or another CMS file, that has not been built here
    │   ├── UnknownCode           no such HCPCS code in the release
    │   ├── UnknownModifier       a modifier the code, or this tool, does not know
    │   ├── UnknownLocality       no such payment locality
    │   ├── AmbiguousLocality     several localities fit the words given
    │   ├── UnknownZip            no such ZIP code in the ZIP file that was loaded
    │   └── SplitZip              a ZIP code that lies in several localities: ZIP+4 decides
    ├── SourceFileError           a CMS file that cannot be used as it is
    │   ├── UnreadableFile        not the kind of file it should be, truncated, encrypted
    │   ├── UnsafeArchive         a member that climbs out of its folder, or unpacks to too much
    │   ├── MissingMember         a member the release cannot do without
    │   ├── MissingColumn         a column the table cannot do without
    │   ├── BadValue              a cell that is not what its column holds
    │   ├── DuplicateKey          two rows with one key
    │   └── CheckFailed           a release whose tables contradict themselves or the dated rules
    ├── StoreError                the folder of installed releases cannot be read or written
    ├── DownloadError             nothing usable came from the address
    │   └── LicenseNotAccepted    the AMA's notice on CPT has not been accepted
    └── MissingRule               reference/ has no value for that day

A message says what failed, on which key, and what to do about it.
"""


class FeeCalcError(Exception):
    """The root. Its message is written for the person at the keyboard."""

    exit_code = 2


class InputError(FeeCalcError):
    """What was asked for cannot be answered as asked."""


class InvalidValue(InputError):
    """An argument out of its bounds."""


class UnknownRelease(InputError):
    """No relative value release of that name."""


class NotInstalled(InputError):
    """A CMS file that is known, or could be, but has not been built here."""


class UnknownCode(InputError):
    """No such HCPCS code in the release."""


class UnknownModifier(InputError):
    """A modifier the code, or this tool, does not know."""


class UnknownLocality(InputError):
    """No such payment locality."""


class AmbiguousLocality(InputError):
    """Several localities fit the words given."""


class UnknownZip(InputError):
    """No such ZIP code in the ZIP file that was loaded."""


class SplitZip(InputError):
    """A ZIP code that lies in several localities."""


class SourceFileError(FeeCalcError):
    """A CMS file that cannot be used as it is."""


class UnreadableFile(SourceFileError):
    """Not the kind of file it should be, truncated, encrypted."""


class UnsafeArchive(SourceFileError):
    """A member that climbs out of its folder, or an archive that unpacks to too much."""


class MissingMember(SourceFileError):
    """A member the release cannot do without."""


class MissingColumn(SourceFileError):
    """A column the table cannot do without."""


class BadValue(SourceFileError):
    """A cell that is not what its column holds."""


class DuplicateKey(SourceFileError):
    """Two rows with one key."""


class CheckFailed(SourceFileError):
    """A release whose tables contradict themselves or the dated rules."""


class StoreError(FeeCalcError):
    """The folder of installed releases cannot be read or written."""


class DownloadError(FeeCalcError):
    """Nothing usable came from the address."""


class LicenseNotAccepted(DownloadError):
    """The AMA's notice on CPT has not been accepted."""


class MissingRule(FeeCalcError):
    """The reference tables hold no value for that day."""
