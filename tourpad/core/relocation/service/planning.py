"""What an import would do: every line is checked, against the rules, the other lines, and what is here."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from tourpad.core.errors import FieldError
from tourpad.core.fields import Fields
from tourpad.core.identity.rules import article
from tourpad.core.identity.states import UserType
from tourpad.core.media.rules import MEGABYTE
from tourpad.core.relocation import queries, rules
from tourpad.core.relocation.queries import Known
from tourpad.core.relocation.reading import Contents
from tourpad.core.relocation.rules import CleanUser
from tourpad.core.relocation.service.planning_past import FOLLOWS, look_at_past
from tourpad.core.relocation.shape import PROFILES, Fault, Line, check_names
from tourpad.core.relocation.states import COMES, Entrance, Kind, Standing
from tourpad.core.values import Value, replace
from tourpad.core.work import Work


class Entry(Value):
    """One line, and what an import would make of it."""

    line: Line
    standing: Standing
    our_id: UUID | None = None
    """Where it is here already."""
    clean: Any = None
    """The line, checked: a `CleanUser`, `CleanMedia`, `CleanBooking`, …"""


class Plan(Value):
    """What an import would do."""

    source: str
    entries: dict[Kind, list[Entry]]
    faults: list[Fault]

    def counts(self, kind: Kind) -> Counter[Standing]:
        """How many lines of a kind stand how."""
        return Counter(entry.standing for entry in self.entries[kind])

    @property
    def coming(self) -> int:
        """How many lines change something here."""
        return sum(entry.standing in COMES for entries in self.entries.values() for entry in entries)


def plan(work: Work, contents: Contents, *, size_of: Callable[[str], int | None], match_emails: bool) -> Plan:
    """Look at everything, and change nothing.

    Args:
        work: the unit of work; it only reads.
        contents: what was read.
        size_of: bytes of a file of the package, None where there is none.
        match_emails: whether an account with the same mail address is taken for the same person.
    """
    return Planner(work, contents, size_of=size_of, match_emails=match_emails).plan()


class Planner:
    """One look. `entries` holds what was found, by kind and id there."""

    def __init__(
        self, work: Work, contents: Contents, *, size_of: Callable[[str], int | None], match_emails: bool
    ) -> None:
        self.work, self.contents = work, contents
        self.size_of, self.match_emails = size_of, match_emails
        self.source = contents.manifest.source
        self.known = queries.known(work, self.source)
        self.roles = queries.roles(work, self.source)
        self.faults = list(contents.faults)
        self.entries: dict[Kind, dict[str, Entry]] = {kind: {} for kind in Kind}
        self.repeated: dict[Kind, list[Entry]] = {kind: [] for kind in Kind}
        """Lines whose id stands in an earlier one, or that have none."""

    def plan(self) -> Plan:
        """Look at people first, then at what belongs to them."""
        self._users()
        for kind in PROFILES.values():
            self._profiles(kind)
        self._let_in()
        self._after_their_person([*PROFILES.values()])
        self._media()
        look_at_past(self)
        entries = {
            kind: sorted([*self.entries[kind].values(), *self.repeated[kind]], key=lambda e: e.line.number)
            for kind in Kind
        }
        return Plan(self.source, entries, sorted(self.faults, key=_place))

    def find(self, kind: Kind, foreign_id: str) -> Known | None:
        """What was brought before under an id."""
        return self.known.get(rules.foreign_hash(self.source, kind, foreign_id))

    def _users(self) -> None:
        lines = self.contents.lines[Kind.USERS]
        said = [str(line.said.get("email", "")).strip() for line in lines]
        accounts = queries.accounts(self.work, said)
        seen: dict[str, Line] = {}
        for line in lines:
            if self.is_settled(line):
                continue
            faults = check_names(line.kind, line.said)
            clean, wrong = rules.check_user(line.said, now=self.work.now, local=self.work.settings.is_local)
            faults += self.untold(wrong, faults)
            email = (clean.email if clean else "").lower()
            standing, our_id = Standing.NEW, None
            if email in seen:
                faults.append(FieldError("email", f"stands in {seen[email].place} already"))
            elif clean is not None:
                seen[email] = line
                account = accounts.get(email)
                if account is not None:
                    faults += self._faults_of_account(account, clean)
                    standing, our_id = Standing.MATCHED, account[0]
            self.settle(line, faults, standing=standing, our_id=our_id, clean=clean)

    def _faults_of_account(self, account: tuple[UUID, UserType], clean: CleanUser) -> list[FieldError]:
        _, role = account
        if role is not clean.user_type:
            return [FieldError("email", f"belongs to {article(role)} here")]
        if not self.match_emails:
            return [FieldError("email", "has an account here; --match-emails takes it for theirs, as it is")]
        return []

    def _profiles(self, kind: Kind) -> None:
        role = next(r for r, its in PROFILES.items() if its is kind)
        seen: dict[str, Line] = {}
        for line in self.contents.lines[kind]:
            if self.is_settled(line):
                continue
            faults = check_names(kind, line.said)
            faults += self.untold(rules.check_profile(kind, line.said, now=self.work.now), faults)
            owner, theirs = self._owner(line, faults)
            if theirs is not None and theirs is not role:
                faults.append(FieldError("user_id", f"is that of {article(theirs)}"))
            if owner in seen:
                faults.append(FieldError("user_id", f"has a profile in {seen[owner].place} already"))
            seen.setdefault(owner, line)
            user = self.entries[Kind.USERS].get(owner)
            standing = user.standing if user and user.standing in (*COMES, Standing.ERASED) else Standing.NEW
            self.settle(line, faults, standing=standing)

    def _let_in(self) -> None:
        """Artists and hosts are let in with a profile: without one there is nothing to list."""
        good = {
            str(entry.line.said.get("user_id"))
            for kind in PROFILES.values()
            for entry in self.entries[kind].values()
            if entry.standing is not Standing.AT_FAULT
        }
        for entry in list(self.entries[Kind.USERS].values()):
            clean: CleanUser | None = entry.clean
            if entry.standing is not Standing.NEW or clean is None or clean.entrance is not Entrance.APPROVED:
                continue
            if clean.user_type is not UserType.FAN and entry.line.id not in good:
                file = f"{PROFILES[clean.user_type]}.jsonl"
                self._fault(entry, FieldError("state", f"can't be approved without a good line in {file}"))

    def _after_their_person(self, kinds: Iterable[Kind]) -> None:
        """What belongs to somebody who can't come in can't either."""
        for kind in kinds:
            for entry in list(self.entries[kind].values()):
                user = self.entries[Kind.USERS].get(str(entry.line.said.get("user_id")))
                if user and user.standing is Standing.AT_FAULT and entry.standing in COMES:
                    self._fault(entry, FieldError("user_id", f"{FOLLOWS}: see {user.line.place}"))

    def _media(self) -> None:
        held: Counter[str] = Counter()
        size: Counter[str] = Counter()
        settings = self.work.settings
        for line in self.contents.lines[Kind.MEDIA]:
            if self.is_settled(line):
                continue
            faults = check_names(line.kind, line.said)
            owner, role = self._owner(line, faults)
            its = self.size_of(str(line.said.get("file", "")))
            clean, wrong = rules.check_media(line.said, owner=role, size=its)
            faults += self.untold(wrong, faults)
            held[owner] += 1
            size[owner] += its or 0
            if held[owner] > settings.media_quota_files:
                faults.append(FieldError("user_id", f"has more than {settings.media_quota_files} files"))
            if size[owner] > settings.media_quota_mb * MEGABYTE:
                faults.append(FieldError("user_id", f"has more than {settings.media_quota_mb:,} MB of files"))
            user = self.entries[Kind.USERS].get(owner)
            erased = user is not None and user.standing is Standing.ERASED
            self.settle(line, faults, standing=Standing.ERASED if erased else Standing.NEW, clean=clean)
        self._after_their_person([Kind.MEDIA])

    def _owner(self, line: Line, faults: list[FieldError]) -> tuple[str, UserType | None]:
        """Whose a line is, and that person's role; a fault is added where nobody is known by that id."""
        if "user_id" not in line.said:
            return "", None
        found = Fields()
        owner = rules.check_reference(found, "user_id", line.said["user_id"])
        line.said["user_id"] = owner
        faults += found.errors
        user = self.entries[Kind.USERS].get(owner)
        if user is not None and isinstance(user.clean, CleanUser):
            return owner, user.clean.user_type
        earlier = self.find(Kind.USERS, owner)
        if earlier is not None:
            return owner, self.roles.get(earlier.our_id)
        if user is None and not found.errors:
            faults.append(
                FieldError("user_id", f"is nobody: {owner} stands neither in users.jsonl nor was brought before")
            )
        return owner, None

    def is_settled(self, line: Line) -> bool:
        """Whether nothing more has to be known of a line: its id is wrong or repeated, or it was brought before."""
        found = Fields()
        foreign_id = rules.check_reference(found, "id", line.said["id"]) if "id" in line.said else ""
        if not foreign_id or found.errors:
            faults = found.errors or [FieldError("id", "is needed")]
            self.repeated[line.kind].append(Entry(line, Standing.AT_FAULT))
            self.faults += [Fault(f"{line.kind}.jsonl", line.number, f.field, f.message) for f in faults]
            return True
        line.said["id"] = foreign_id
        first = self.entries[line.kind].get(foreign_id)
        if first is not None:
            self.repeated[line.kind].append(Entry(line, Standing.AT_FAULT))
            message = f"stands in {first.line.place} already"
            self.faults.append(Fault(f"{line.kind}.jsonl", line.number, "id", message))
            return True
        before = self.find(line.kind, foreign_id)
        if before is None:
            return False
        standing = Standing.HERE if before.line_hash == rules.line_hash(line.said) else Standing.DIFFERS
        standing = Standing.ERASED if before.is_erased else standing
        self.entries[line.kind][foreign_id] = Entry(line, standing, before.our_id)
        return True

    def settle(
        self,
        line: Line,
        faults: list[FieldError],
        *,
        standing: Standing,
        our_id: UUID | None = None,
        clean: Any = None,
    ) -> None:
        """Take down how a line stands, and its faults."""
        entry = Entry(line, standing, our_id, clean)
        self.entries[line.kind][line.id] = entry
        for fault in faults:
            self._fault(entry, fault)

    @staticmethod
    def untold(faults: list[FieldError], told: list[FieldError]) -> list[FieldError]:
        """Faults of fields of which nothing is said yet: a field that is missing is wrong in one way only."""
        fields = {fault.field for fault in told}
        return [fault for fault in faults if fault.field not in fields]

    def _fault(self, entry: Entry, fault: FieldError) -> None:
        line = entry.line
        self.entries[line.kind][line.id] = replace(entry, standing=Standing.AT_FAULT, our_id=None)
        follows = fault.message.startswith(FOLLOWS)
        self.faults.append(Fault(f"{line.kind}.jsonl", line.number, fault.field, fault.message, follows))


def _place(fault: Fault) -> tuple[int, str, int]:
    """Files in the order in which they are brought."""
    order = [f"{kind}.jsonl" for kind in Kind]
    return order.index(fault.file) if fault.file in order else len(order), fault.file, fault.line or 0
