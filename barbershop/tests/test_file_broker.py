import threading

from kombu import Connection

from barbershop import file_broker

MESSAGES = 5


def connect(folder):
    file_broker.register()
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.001,
    }
    return Connection("filesystem://localhost//", transport_options=options)


def test_broker_of_files_is_ours(tmp_path):
    with connect(tmp_path) as connection:
        assert isinstance(connection.transport, file_broker.Transport)


def test_broker_hands_over_whole_messages_while_they_are_written(tmp_path):
    (tmp_path / "control").mkdir()
    # Long enough that putting it into words takes a moment, in which a reader looks.
    body = list(range(200_000))

    def write():
        with connect(tmp_path) as connection:
            queue = connection.SimpleQueue("work")
            for number in range(MESSAGES):
                queue.put({"number": number, "body": body})

    writers = [threading.Thread(target=write) for _ in range(2)]
    with connect(tmp_path) as connection:
        queue = connection.SimpleQueue("work")
        for writer in writers:
            writer.start()
        read = []
        for _ in range(MESSAGES * len(writers)):
            message = queue.get(timeout=10)
            read.append(message.payload["number"])
            message.ack()
    for writer in writers:
        writer.join()

    assert sorted(read) == sorted([*range(MESSAGES)] * len(writers))
    assert list(tmp_path.glob("*.draft")) == []
