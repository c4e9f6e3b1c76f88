"""What lies in a store."""

from feecalc.ingest.store import Store


def files_in(store: Store, name: str = "RVU26C") -> set[str]:
    folder = store.folder(name)
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()
