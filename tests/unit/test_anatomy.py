"""Taking a mail apart."""

import textwrap

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ownhand.daemon import anatomy, contractions, lexicon


@pytest.mark.parametrize(
    ("text", "word", "name", "mark"),
    [
        ("Jeff:\nplease call.", "", "Jeff", ":"),
        ("Hi Bob -\n\ncan you call?", "hi", "Bob", "-"),
        ("hey\nare you in", "hey", "", ""),
        ("Hi Bob, can you send it?", "hi", "Bob", ","),
        ("Kevin\n\nThis works.", "", "Kevin", ""),
        ("Ed and Mark,\n\nas we discussed", "", "Ed and Mark", ","),
        ("All,\n\nsee below", "all", "", ","),
        ("Dear All,\n\nPlease come.", "dear all", "", ","),
        ("hey buddy:\nyou are in town", "hey buddy", "", ":"),
        ("Dear Mrs. Pemberton:\n\nYes.", "dear", "Mrs. Pemberton", ":"),
        ("Dear Mr Alder,\n\nNo.", "dear", "Mr Alder", ","),
        ("Sehr geehrter Herr Brandt,\n\nhaben Sie Dank.", "sehr geehrter", "Herr Brandt", ","),
        ("Sehr geehrte Damen und Herren,\n\nja.", "sehr geehrte damen und herren", "", ","),
        ("Guten Morgen Frau Kühn,\n\nja.", "guten morgen", "Frau Kühn", ","),
        ("Hi!\n\nOk.", "hi", "", "!"),
    ],
)
def test_a_greeting_is_read_with_its_word_its_name_and_its_mark(
    text: str, word: str, name: str, mark: str
) -> None:
    greeting = anatomy.parts(text).greeting
    assert greeting is not None
    assert (greeting.word, greeting.name, greeting.mark) == (word, name, mark)


@pytest.mark.parametrize(
    "text",
    [
        "Ditto. There will be many of them.",
        "Thanks for doing that.",
        "I think so, too.",
        "Yes, please send it.",
        "FYI, tomorrow is fine.",
        "Attached, the two photos.",
        "Thank you Bob!\n\nWill do.",
        "Tomorrow,\nthen.",
        "Bob said it is fine.",
    ],
)
def test_a_first_sentence_is_no_greeting(text: str) -> None:
    assert anatomy.parts(text).greeting is None


def test_a_known_reader_is_greeted_in_lower_case_on_the_line_of_the_first_sentence() -> None:
    taken = anatomy.parts("bob, can you call", recipient="Bob Smith")
    assert taken.greeting is not None
    assert (taken.greeting.name, taken.body) == ("bob", "can you call")


@pytest.mark.parametrize(
    ("text", "body", "phrase", "name"),
    [
        ("Can you?\n\ncheers, d", "Can you?", "cheers", "d"),
        ("I am in.\n\nThanks,\nMaren", "I am in.", "thanks", "Maren"),
        ("see you at 8\n\nx d", "see you at 8", "x", "d"),
        ("see you at 8\n\nlove,\nIsla x", "see you at 8", "love", "Isla"),
        ("ok will do\n\nd.", "ok will do", "", "d"),
        ("ok will do\n\n-d", "ok will do", "", "d"),
        ("It is done.\n\nPhillip", "It is done.", "", "Phillip"),
        ("Could you send it. Thanks.", "Could you send it.", "thanks", ""),
        ("This works. Thanks, Sean", "This works.", "thanks", "Sean"),
        ("It is so.\n\nEver so truly yours,\nMaren Holt", "It is so.", "ever so truly yours", "Maren Holt"),
        ("We will talk.\n\nViele Grüße aus Köln\nJan", "We will talk.", "viele grüße", "Jan"),
        ("Ja.\n\nWarm wishes to you and Mrs Alder,\nMaren", "Ja.", "warm wishes", "Maren"),
        ("ja klar\n\nlg\nd", "ja klar", "lg", "d"),
        (
            "Thank you for your quick\nreply.\n\nStacy Dickson",
            "Thank you for your quick\nreply.",
            "",
            "Stacy Dickson",
        ),
        ("Thanks!\nBob", "Thanks!", "", "Bob"),
    ],
)
def test_a_sign_off_is_read_with_its_phrase_and_its_name(
    text: str, body: str, phrase: str, name: str
) -> None:
    taken = anatomy.parts(text)
    assert taken.sign_off is not None
    assert (taken.body, taken.sign_off.phrase, taken.sign_off.name) == (body, phrase, name)


@pytest.mark.parametrize(
    "text",
    [
        "Ok.\n\nMonday",
        "There are others: Acme, Duo, BPA",
        "thanks",
        "See you then",
        "I will see what is\nnew.",
    ],
)
def test_a_last_line_that_says_something_is_no_sign_off(text: str) -> None:
    assert anatomy.parts(text).sign_off is None


def test_initials_at_the_end_of_a_line_are_a_signature_of_a_known_writer() -> None:
    taken = anatomy.parts("It went well in Ottawa. AM", sender="Anne-Marie Sloane")
    assert taken.sign_off is not None
    assert (taken.body, taken.sign_off.name) == ("It went well in Ottawa.", "AM")


def test_sentences_survive_titles_numbers_and_dots() -> None:
    text = "Mr. Alder called at 5 p.m. yesterday. He said 3.5 is fine... or so. ok? yes e.g. this."
    assert anatomy.sentences(text) == (
        "Mr. Alder called at 5 p.m. yesterday.",
        "He said 3.5 is fine... or so.",
        "ok?",
        "yes e.g. this.",
    )


def test_a_german_ordinal_does_not_end_a_sentence() -> None:
    text = "Die Ware war für die 22. Kalenderwoche zugesagt. Am 3. Juni kam nichts."
    assert len(anatomy.sentences(text)) == 2


def test_a_soft_line_break_joins_and_a_deliberate_one_parts() -> None:
    wrapped = "The parts that we were promised for the last week of May have\nnot arrived."
    assert len(anatomy.sentences(wrapped)) == 1
    assert anatomy.sentences("the parts are here\nwhat now") == ("the parts are here", "what now")


def test_list_lines_are_bullets_and_one_dash_is_not() -> None:
    assert anatomy.bullets("Two things:\n- one\n- two") == ("- one", "- two")
    assert anatomy.bullets("- one") == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Die Ware ist da.", "de"),
        ("passt, bis morgen", "de"),
        ("It was a man in the hat.", "en"),
        ("Merci beaucoup, je suis là avec les autres.", "fr"),
        ("Muchas gracias, los papeles están en la mesa.", "es"),
        ("Tack, jag kommer också och det är bra.", "sv"),
        ("Proszę, czy to jest już gotowe?", "pl"),
        ("ok", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_told_by_function_words(text: str, code: str) -> None:
    assert anatomy.language(text) == code


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("I don't know.", "I do not know."),
        ("Don’t you think it’s fine?", "Do you not think it is fine?"),
        ("We can't; they won't.", "We cannot; they will not."),
        ("I'd better go, he'd seen it.", "I had better go, he had seen it."),
        ("That's John's.", "That is John's."),
        ("She's been ill.", "She has been ill."),
        ("dont worry im fine", "do not worry I am fine"),
        ("Let's go.", "Let us go."),
    ],
)
def test_contractions_are_opened(short: str, full: str) -> None:
    assert contractions.open_contractions(short, "en") == full


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("I do not know.", "I don't know."),
        ("Yes, I am. It is as good as it is.", "Yes, I am. It's as good as it is."),
        ("Please let us know.", "Please let us know."),
        ("Let us go.", "Let's go."),
        ("I have a dog and I have been ill.", "I have a dog and I've been ill."),
        ("They cannot.", "They can't."),
    ],
)
def test_contractions_are_made_where_a_native_writer_would(full: str, short: str) -> None:
    assert contractions.contract(full, "en") == short


def test_german_contracts_what_german_contracts() -> None:
    assert contractions.open_contractions("Wie geht's? ich hab das", "de") == "Wie geht es? ich habe das"


def test_abbreviations_are_found_as_written() -> None:
    assert contractions.abbreviations("FYI, call me asap w/ the nos.", "en") == ("FYI", "asap", "w/")
    assert contractions.abbreviations("Das gilt z.B. bzw. immer", "de") == ("z.B.", "bzw.")


_MAILS = st.text(alphabet="abIi xX,.!?:-–'’\n()d.H", max_size=120)


@settings(deadline=None)
@given(_MAILS)
def test_nothing_of_a_mail_is_lost_when_it_is_taken_apart(text: str) -> None:
    assume("--" not in [line.rstrip() for line in text.split("\n")])  # a signature is cut
    taken = anatomy.parts(text)
    pieces = [
        taken.greeting.line if taken.greeting else "",
        taken.body,
        *(taken.sign_off.lines if taken.sign_off else ()),
    ]
    assert sorted("".join("".join(pieces).split())) == sorted("".join(text.split()))


@settings(deadline=None)
@given(_MAILS)
def test_opening_contractions_twice_changes_nothing_more(text: str) -> None:
    once = contractions.open_contractions(text, "en")
    assert contractions.open_contractions(once, "en") == once


@pytest.mark.parametrize("phrases", [*lexicon.GREETINGS.values(), *lexicon.SIGN_OFFS.values()])
def test_every_listed_phrase_is_written_so_that_it_reads_back(phrases: tuple[str, ...]) -> None:
    assert all(lexicon.written(phrase).lower() == phrase for phrase in phrases)


@pytest.mark.parametrize("phrase", [p for some in lexicon.SIGN_OFFS.values() for p in some])
def test_every_listed_sign_off_is_recognised(phrase: str) -> None:
    taken = anatomy.parts(f"All is well here.\n\n{lexicon.written(phrase)},\nMaren")
    assert taken.sign_off is not None
    assert (taken.sign_off.phrase, taken.sign_off.name, taken.body) == (phrase, "Maren", "All is well here.")


@pytest.mark.parametrize("phrase", [p for some in lexicon.GREETINGS.values() for p in some])
def test_every_listed_greeting_is_recognised(phrase: str) -> None:
    taken = anatomy.parts(f"{lexicon.written(phrase)},\n\nAll is well here.")
    assert taken.greeting is not None
    assert (taken.greeting.word, taken.body) == (phrase, "All is well here.")


def test_a_word_with_a_full_stop_is_a_name_only_when_it_is_the_writers() -> None:
    assert anatomy.parts("It came.\n\nApproved.", sender="Maren Holt").sign_off is None
    assert anatomy.parts("It came.\n\nMaren.", sender="Maren Holt").sign_off is not None


def test_a_mail_that_was_wrapped_at_120_columns_is_put_together_again() -> None:
    long = (
        "The second shipment of glaze left the harbour on Monday evening, and the agent thinks that it will "
        "be here for the opening, if the customs office does not hold it again as it did with the first one "
        "in spring when we had no papers."
    )
    text = f"{textwrap.fill(f'{long} I am not so sure.', 118)}\nAna"

    assert anatomy.sentences(text) == (long, "I am not so sure.", "Ana")


def test_paragraphs_of_one_long_line_each_stay_apart() -> None:
    one = "The second shipment of glaze left the harbour on Monday evening, and it will be here by Friday."
    two = "Please tell the gallery that we need the back door open from seven, and somebody to lift boxes."
    text = f"{one} I am sure.\n{two} I ask you."

    assert anatomy.paragraphs(text) == (text,)


def test_a_bullet_below_a_name_is_no_mark_of_the_greeting() -> None:
    parts = anatomy.parts("Karl\n\n- One pot.\n- Two pots.")

    assert (parts.greeting is None or parts.greeting.mark == "") and "- One pot." in parts.body
    assert parts.sign_off is None and "- Two pots." in parts.body
