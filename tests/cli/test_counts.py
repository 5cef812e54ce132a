from tourpad.cli.counts import in_words


def test_what_a_job_did_reads_as_people_say_it() -> None:
    done = {
        "sent": 1,
        "sent_cents": 4_592_703,
        "concerts": 1,
        "guests": 1_200,
        "job_runs": 0,
        "balance_transactions": 1,
    }
    assert in_words(done) == "1 sent, $45,927.03 sent, 1 concert, 1,200 guests, 1 balance transaction"
    assert in_words({"sent": 0}) == ""
