"""The closed word lists of mail: how people greet, sign off, hedge, thank and shorten; words without content.

Data only, keyed by ISO 639-1 code where a list belongs to a language; everything is lower case and written
with a straight apostrophe. English and German are meant to be complete, the other languages cover greetings,
sign-offs, hedges, thanks and the function words by which a language is told.
"""

from collections.abc import Mapping
from types import MappingProxyType

LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "en": "English",
        "de": "German",
        "fr": "French",
        "es": "Spanish",
        "it": "Italian",
        "nl": "Dutch",
        "pt": "Portuguese",
        "sv": "Swedish",
        "da": "Danish",
        "pl": "Polish",
    }
)


def _phrases(lists: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """`a, b c | d` per language -> phrases, longest first, so that an alternation finds the longest."""
    return MappingProxyType(
        {
            language: tuple(
                sorted(
                    {" ".join(phrase.split()) for phrase in text.replace("|", ",").split(",")},
                    key=lambda phrase: (-len(phrase), phrase),
                )
            )
            for language, text in lists.items()
        }
    )


def _pairs(text: str) -> Mapping[str, str]:
    """`a = b, c = d` -> short form: full form."""
    halves = (pair.split("=") for pair in " ".join(text.split()).split(","))
    return MappingProxyType({short.strip(): full.strip() for short, full in halves})


def _words(lists: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    return MappingProxyType({language: frozenset(text.split()) for language, text in lists.items()})


GREETINGS = _phrases(
    {
        "en": """
            hi, hello, hey, hiya, heya, hey there, hi there, hello there, dear, dearest, my dear, my
            dearest, darling, good morning, good afternoon, good evening, good day, morning, afternoon,
            evening, greetings, howdy, yo, welcome, hi again, hello again, to whom it may concern, dear sir
            or madam, dear sir, dear madam, dear sirs, g'day, happy new year
            """,
        "de": """
            hallo, hi, hey, na, moin, moin moin, servus, grüezi, grüß gott, grüß dich, grüß euch, guten
            morgen, guten tag, guten abend, morgen, tach, liebe, lieber, liebes, liebste, liebster, mein
            lieber, meine liebe, ihr lieben, sehr geehrte, sehr geehrter, sehr geehrte damen und herren,
            werte, werter, verehrte, verehrter, hallöchen, huhu
            """,
        "fr": """
            bonjour, bonsoir, salut, coucou, cher, chère, chers, chères, madame, monsieur, madame monsieur,
            bonjour à tous
            """,
        "es": """
            hola, buenos días, buenas tardes, buenas noches, buenas, querido, querida, queridos, estimado,
            estimada, estimados
            """,
        "it": """
            ciao, buongiorno, buonasera, buon giorno, salve, caro, cara, cari, gentile, gentilissimo,
            gentilissima, egregio, spettabile
            """,
        "nl": """
            hoi, hallo, hey, dag, beste, geachte, lieve, goedemorgen, goedemiddag, goedenavond, goede morgen
            """,
        "pt": """
            olá, oi, bom dia, boa tarde, boa noite, caro, cara, caros, prezado, prezada, prezados, querido,
            querida, estimado, estimada
            """,
        "sv": """
            hej, hejsan, tjena, tja, god morgon, god kväll, bästa, kära, käre, hallå
            """,
        "da": """
            hej, hejsa, goddag, kære, god morgen, godmorgen, halløj
            """,
        "pl": """
            cześć, hej, witam, witaj, dzień dobry, dobry wieczór, drogi, droga, drodzy, szanowny, szanowna,
            szanowni państwo, siema
            """,
    }
)

# Inflected greetings are one habit: the form follows the reader. The masculine form first, then the feminine.
GREETING_FORMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "liebe": ("lieber", "liebe"),
        "sehr geehrter": ("sehr geehrter", "sehr geehrte"),
        "werter": ("werter", "werte"),
        "verehrter": ("verehrter", "verehrte"),
        "liebster": ("liebster", "liebste"),
        "mein lieber": ("mein lieber", "meine liebe"),
        "cher": ("cher", "chère"),
        "querido": ("querido", "querida"),
        "estimado": ("estimado", "estimada"),
        "caro": ("caro", "cara"),
        "gentilissimo": ("gentilissimo", "gentilissima"),
        "prezado": ("prezado", "prezada"),
        "kära": ("käre", "kära"),
        "drogi": ("drogi", "droga"),
        "szanowny": ("szanowny", "szanowna"),
    }
)

# Words after a greeting word that stand for the readers without naming them; "hi all" is one greeting.
VOCATIVES = frozenset(
    """all again there everyone everybody folks guys team both you y'all friends friend buddy bud man mate
    dude pal gang people colleagues ladies gentlemen and & sir madam sirs love dear darling sweetie
    sweetheart honey babe hun committee group board zusammen alle allerseits leute ihr lieben liebe
    freunde kollegen kolleginnen team beide schatz maus tous toutes tout le monde à todos todas tutti
    tutte a allemaal iedereen alla allihopa alle sammen wszystkim wszyscy państwo""".split()
)
# Those that can open a mail alone ("All," "Team:").
GROUP_GREETINGS = frozenset(
    "all everyone everybody folks guys team gang friends colleagues gentlemen ladies zusammen leute".split()
)

SIGN_OFFS = _phrases(
    {
        "en": """
            best, bests, best wishes, warmest wishes, with warmest wishes, with warm wishes,
            all best wishes, very best wishes, with best wishes, all the best, all
            best, very best, my best, best regards, with best regards, kind regards, with kind regards,
            kindest regards, with kindest regards, warm regards, warmest regards, warmly, warm wishes,
            regards, with regards, cheers, many thanks, thanks, thanks again, thanks a lot, thanks a
            million, thanks a bunch, thanks so much, thanks very much, thanks so much again, thanks in
            advance, thanks for your help, thanks for everything, thank you, thank you again, thank you so
            much, thank you very much, thank you for your help, thank you in advance, with thanks, with many
            thanks, thanks and regards, thanks & regards, thx, tx, tnx, ty, thanx, ta, sincerely, yours
            sincerely, sincerely yours, yours faithfully, yours truly, truly yours, very truly yours,
            respectfully, respectfully yours, cordially, yours, yours ever, ever yours, as ever, as always,
            love, lots of love, much love, all my love, with love, love you, love always, love to all, hugs,
            big hug, kisses, xoxo, xo, x, xx, xxx, take care, talk soon, talk later, talk to you soon, talk
            to you later, speak soon, see you, see you soon, see you then, see you there, see you later, see
            you tomorrow, see ya, later, laters, ttyl, bye, bye for now, bye bye, goodbye, good luck, until
            then, until soon, till then, till soon, have fun, have a good weekend, have a great weekend,
            have a nice weekend, have a good day, have a great day, have a nice day, have a good one, good
            night, night, ciao, peace, br, rgds, brgds, bw, kr, fondly, affectionately, yours
            affectionately, in haste, onwards
            """,
        "de": """
            mit freundlichen grüßen, mit freundlichem gruß, mit freundlichen grüssen, freundliche grüße,
            freundliche grüsse, mit besten grüßen, beste grüße, besten gruß, beste grüsse, mit herzlichen
            grüßen, herzliche grüße, herzlichen gruß, herzlichst, herzlich, liebe grüße, liebe grüsse,
            lieben gruß, ganz liebe grüße, viele grüße, viele grüsse, vielen gruß, viele liebe grüße, schöne
            grüße, schönen gruß, sonnige grüße, grüße, grüsse, gruß, gruss, mfg, mit freundl. grüßen, lg,
            vg, bg, vlg, hg, hochachtungsvoll, danke, danke dir, danke euch, danke ihnen, danke schön, danke
            nochmal, danke und gruß, danke und lg, vielen dank, vielen dank und viele grüße, herzlichen
            dank, besten dank, tausend dank, merci, alles liebe, alles gute, dein, deine, ihr, ihre, bis
            bald, bis dann, bis morgen, bis später, bis gleich, bis denne, bis dahin, tschüss, tschüß, ciao,
            servus, mach's gut, machs gut, schönen tag, schönen tag noch, schönes wochenende, schönen abend,
            gute nacht, bussi, kuss, umarmung, dicken drücker, cheers
            """,
        "fr": """
            cordialement, bien cordialement, très cordialement, bien à vous, bien à toi, amicalement,
            amitiés, sincèrement, merci, merci beaucoup, merci d'avance, bises, bisous, grosses bises, à
            bientôt, à plus, à demain, à tout à l'heure, salutations, meilleures salutations, bonne journée,
            bonne soirée, bon week-end, cdlt, respectueusement
            """,
        "es": """
            saludos, un saludo, saludos cordiales, un cordial saludo, cordialmente, atentamente, gracias,
            muchas gracias, un abrazo, abrazos, besos, un beso, hasta luego, hasta pronto, hasta mañana, nos
            vemos
            """,
        "it": """
            cordiali saluti, distinti saluti, saluti, un saluto, un caro saluto, cari saluti, grazie, grazie
            mille, a presto, un abbraccio, baci, buona giornata, buona serata, ciao, a domani
            """,
        "nl": """
            met vriendelijke groet, met vriendelijke groeten, vriendelijke groet, vriendelijke groeten,
            hartelijke groet, hartelijke groeten, groet, groeten, groetjes, mvg, gr, bedankt, alvast
            bedankt, dank je, dank u, liefs, tot ziens, tot snel, tot dan, doei
            """,
        "pt": """
            abraço, abraços, um abraço, atenciosamente, att, cumprimentos, com os melhores cumprimentos,
            melhores cumprimentos, obrigado, obrigada, muito obrigado, muito obrigada, beijos, beijinhos,
            até logo, até breve, até amanhã, cordialmente
            """,
        "sv": """
            med vänlig hälsning, med vänliga hälsningar, vänliga hälsningar, vänlig hälsning, hälsningar,
            mvh, bästa hälsningar, tack, tack på förhand, tack så mycket, kram, kramar, vi ses, ha det bra,
            hej då, hälsar
            """,
        "da": """
            med venlig hilsen, venlig hilsen, venlige hilsner, mange hilsner, bedste hilsner, hilsen, mvh,
            vh, kh, kærlig hilsen, kærligst, tak, mange tak, på forhånd tak, vi ses, hej hej, knus
            """,
        "pl": """
            pozdrawiam, pozdrowienia, serdecznie pozdrawiam, z poważaniem, z wyrazami szacunku, dziękuję,
            dzięki, z góry dziękuję, do zobaczenia, do usłyszenia, pa, buziaki, uściski, miłego dnia
            """,
    }
)

# How a lower-case phrase is properly written, where a capital first letter is not enough.
WRITTEN: Mapping[str, str] = MappingProxyType(
    {
        **{short: short.upper() for short in "lg vg bg vlg hg br bw kr kh vh ttyl".split()},
        **{kiss: kiss for kiss in ("x", "xx", "xxx", "xo", "xoxo")},
        "mfg": "MfG",
    }
)
_GERMAN_NOUNS = frozenset(
    """grüße grüßen gruß grüsse grüssen gruss dank tag abend morgen wochenende nacht umarmung damen herren
    gott liebe gute""".split()
)


def written(phrase: str) -> str:
    """A greeting or sign-off as a careful writer puts it: "kind regards" -> "Kind regards", "lg" -> "LG"."""
    if phrase in WRITTEN:
        return WRITTEN[phrase]
    first, *rest = phrase.split(" ")
    nouns = [word.capitalize() if word in _GERMAN_NOUNS else word for word in rest]
    capital = first[:1].upper()
    # Some letters have no single capital: "ß" would come back as "ss".
    return " ".join([(capital if len(capital) == 1 else first[:1]) + first[1:], *nouns])


TITLES = frozenset(
    """mr mr. mrs mrs. ms ms. miss mx mx. dr dr. prof prof. professor sir madam herr herrn frau hr. fr. mme
    m. monsieur madame señor señora sr sr. sra sra. sig. sig.ra dott. dott.ssa dhr. mevr. meneer mevrouw
    pan pani""".split()
)
FEMININE_TITLES = frozenset(
    """mrs mrs. ms ms. miss frau fr. mme madame señora sra sra. sig.ra dott.ssa mevr. mevrouw pani
    madam""".split()
)

HEDGES = _phrases(
    {
        "en": """
            maybe, perhaps, possibly, probably, presumably, apparently, supposedly, likely, might, roughly,
            somewhat, i think, i guess, i suppose, i believe, i feel, i imagine, i suspect, i assume, i
            reckon, i wonder, i was wondering, i would say, i'd say, i gather, it seems, seems, seem,
            seemed, it appears, it looks like, looks like, sort of, kind of, kinda, sorta, a bit, a little,
            a little bit, more or less, or so, in a way, as far as i know, afaik, if possible, if you like,
            if that works, if that's ok, to some extent, not sure, i'm not sure, i am not sure, rather,
            fairly, imo, imho, in my opinion, arguably, tentatively, ish, tends to, tend to
            """,
        "de": """
            vielleicht, möglicherweise, eventuell, evtl., evtl, wohl, vermutlich, wahrscheinlich, womöglich,
            ich glaube, glaube ich, glaub ich, ich denke, denke ich, denk ich, ich meine, ich vermute, ich
            nehme an, ich schätze, schätze ich, ein bisschen, ein wenig, bissl, eher, irgendwie, sozusagen,
            mehr oder weniger, scheint, scheinbar, anscheinend, offenbar, ungefähr, circa, ca., etwa,
            gegebenenfalls, ggf., ggf, wenn möglich, falls möglich, könnte sein, kann sein, mal schauen,
            nicht sicher, ich würde sagen, unter umständen, u.u., meiner meinung nach, m.e., quasi
            """,
        "fr": """
            peut-être, je pense, je crois, il me semble, probablement, éventuellement, un peu, plutôt, sans
            doute, si possible, environ
            """,
        "es": """
            quizás, quizá, tal vez, a lo mejor, creo que, me parece, probablemente, posiblemente, un poco,
            más o menos, si es posible
            """,
        "it": """
            forse, magari, penso che, credo che, mi sembra, probabilmente, eventualmente, un po', più o
            meno, se possibile, circa
            """,
        "nl": """
            misschien, wellicht, mogelijk, waarschijnlijk, denk ik, ik denk, ik geloof, een beetje,
            ongeveer, eventueel, zo mogelijk
            """,
        "pt": """
            talvez, acho que, creio que, parece-me, provavelmente, possivelmente, um pouco, mais ou menos,
            se possível
            """,
        "sv": """
            kanske, nog, troligen, förmodligen, jag tror, jag tycker, lite, ungefär, eventuellt, om möjligt
            """,
        "da": "måske, nok, formentlig, sandsynligvis, jeg tror, jeg synes, lidt, cirka, eventuelt, om muligt",
        "pl": """
            może, chyba, prawdopodobnie, raczej, wydaje mi się, myślę że, trochę, około, ewentualnie, jeśli
            to możliwe
            """,
    }
)

POLITENESS = _phrases(
    {
        "en": """
            please, pls, plz, pse, thank you, thanks, thank, thx, thanx, tnx, ty, kindly, much obliged, much
            appreciated, appreciate, appreciated, grateful, would you mind, if you would, if you don't mind,
            if you do not mind
            """,
        "de": """
            bitte, danke, dank, dankbar, danken, bedanken, danke schön, merci, wären sie so freundlich,
            wären sie so nett, wärst du so lieb, wärst du so nett, freundlicherweise, thx
            """,
        "fr": "s'il vous plaît, s'il te plaît, svp, stp, merci, veuillez, je vous prie",
        "es": "por favor, gracias, le agradezco, te agradezco",
        "it": "per favore, per piacere, grazie, la ringrazio, ti ringrazio",
        "nl": "alsjeblieft, alstublieft, aub, svp, bedankt, dank je, dank u, dank",
        "pt": "por favor, obrigado, obrigada, agradeço",
        "sv": "tack, snälla, vänligen, är du snäll",
        "da": "tak, venligst, vær så venlig",
        "pl": "proszę, dziękuję, dzięki, dziękujemy",
    }
)

EMPHASIS = _phrases(
    {
        "en": """
            very, really, so much, extremely, absolutely, definitely, totally, completely, certainly,
            clearly, obviously, of course, truly, highly, incredibly, super, honestly, seriously, literally,
            indeed, surely, entirely, utterly, terribly, awfully, quite, at all
            """,
        "de": """
            sehr, wirklich, total, absolut, definitiv, völlig, ganz, echt, unbedingt, sicherlich, natürlich,
            selbstverständlich, äußerst, extrem, super, mega, besonders, überhaupt, tatsächlich, durchaus
            """,
        "fr": "très, vraiment, absolument, tout à fait, bien sûr, extrêmement",
        "es": "muy, realmente, absolutamente, por supuesto, muchísimo",
        "it": "molto, davvero, assolutamente, certamente, ovviamente",
        "nl": "heel, erg, echt, zeker, absoluut, natuurlijk",
        "pt": "muito, realmente, absolutamente, com certeza, claro",
        "sv": "mycket, verkligen, absolut, självklart, väldigt",
        "da": "meget, virkelig, absolut, selvfølgelig, helt",
        "pl": "bardzo, naprawdę, absolutnie, oczywiście",
    }
)

# Whole sentences that keep a mail warm and say nothing.
PLEASANTRIES = _phrases(
    {
        "en": """
            hope you are well, hope you are doing well, hope all is well, hope this finds you well, hope
            this email finds you well, hope this mail finds you well, hope you had a good weekend, hope you
            had a great weekend, hope you had a nice weekend, how are you, how are you doing, how are
            things, how is it going, how have you been, nice to hear from you, good to hear from you, great
            to hear from you, lovely to hear from you, look forward to hearing from you, looking forward to
            hearing from you, let me know if you have any questions, please let me know if you have any
            questions, call me if you have any questions, have a good weekend, have a great weekend, have a
            nice weekend, have a good day, have a great day, have a nice day
            """,
        "de": """
            wie geht es dir, wie geht's dir, wie geht es ihnen, wie geht's, ich hoffe es geht dir gut, ich
            hoffe es geht ihnen gut, hoffe es geht dir gut, alles gut bei dir, schönes wochenende, schönen
            tag noch, einen schönen tag, ich freue mich auf ihre antwort, ich freue mich von dir zu hören,
            bei fragen melden sie sich gerne, für rückfragen stehe ich gerne zur verfügung
            """,
    }
)

FUNCTION_WORDS = _words(
    {
        "en": """
            the a an and or but if so than then that this these those of to in on at by for from with
            without about into over under up down out off as is are was were be been being am do does did
            have has had having will would shall should can could may might must not no nor i you he she it
            we they me him her us them my your his its our their mine yours who whom whose which what when
            where why how there here all any both each few more most other some such only own same too very
            just also again still yet once because while until after before between through during against
            per let get got yes
            """,
        "de": """
            der die das den dem des ein eine einen einem einer eines kein keine keinen und oder aber wenn
            dann dass daß ob weil da als wie so nicht noch nur auch schon mal doch ja nein ich du er sie es
            wir ihr mich dich ihn uns euch mir dir ihm ihnen sich mein meine dein deine sein seine unser
            unsere ihre ihren ist sind war waren bin bist seid wird werden wurde hat haben habe hatte kann
            können könnte könnten muss müssen soll sollen sollte will wollen würde würden in im an am auf
            aus bei beim mit nach von vom zu zum zur für über unter um vor durch gegen ohne bis hier dort
            was wer wo wann warum welche dieser diese dieses alle alles etwas nichts man sehr bitte danke
            heute morgen
            """,
        "fr": """
            le la les un une des du de et ou mais si que qui quoi dont où ne pas plus je tu il elle nous
            vous ils elles me te se mon ma mes ton votre vos notre nos leur ce cette ces est sont était suis
            êtes avons avez ont ai a à au aux en dans sur sous avec sans pour par être avoir fait bien très
            merci bonjour
            """,
        "es": """
            el la los las un una unos de del y o pero si que quien no más yo tú él ella nosotros ustedes me
            te se le les mi tu su nuestro este esta eso es son era soy está están estoy hay ha he han tiene
            a al en con sin por para sobre como cuando donde muy ya gracias hola
            """,
        "it": """
            il lo la i gli le un uno una di del della dei e o ma se che chi non più io tu lui lei noi voi mi
            ti si ci vi mio tuo suo nostro questo questa è sono era sei siamo ho hai ha abbiamo a al alla in
            nel con senza per da dal su come quando dove molto grazie ciao
            """,
        "nl": """
            de het een en of maar als dan dat die dit deze niet geen wel ook nog al ik je jij u hij zij ze
            wij we jullie mij me hem haar ons hun mijn jouw uw onze is zijn was waren ben bent heb hebt
            heeft hebben had kan kunnen zal zou moet wil wordt worden van in op aan met voor naar bij uit
            over door om te tot er hier wat wie waar hoe
            """,
        "pt": """
            o a os as um uma uns de do da dos das e ou mas se que quem não mais eu você ele ela nós vocês me
            te lhe meu minha seu sua nosso este esta isso é são era sou está estão estou tem tenho há em no
            na nos com sem por para sobre como quando onde muito já obrigado olá
            """,
        "sv": """
            och eller men om att som det den de en ett inte är var vara har hade kan ska skulle vill jag du
            han hon vi ni mig dig oss er min din sin vår i på av till för med från hos vid under över så när
            där här vad vem hur också bara mycket tack hej
            """,
        "da": """
            og eller men om at som det den de en et ikke er var være har havde kan skal skulle vil jeg du
            han hun vi i mig dig os jer min din sin vores på af til for med fra hos ved under over så når
            der her hvad hvem hvordan også kun meget tak hej
            """,
        "pl": """
            i a oraz lub ale jeśli że żeby to ten ta nie tak jest są był była być mam masz ma mamy ja ty on
            ona my wy mnie mi cię ci go jej nas was mój moja twój w we na do z ze od po za przez dla o u
            przy co kto gdzie kiedy jak już jeszcze tylko bardzo proszę dziękuję
            """,
    }
)

# --- shortening ----------------------------------------------------------------------------------

# Auxiliary + not. The key is the full form.
NEGATIVES: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"{verb} not": f"{verb}n't"
            for verb in "do does did is are was were have has had would could should must need".split()
        },
        "can not": "can't",
        "cannot": "can't",
        "will not": "won't",
        "shall not": "shan't",
    }
)
# Who may lend a verb its vowel. Nouns are left out: "the report's" is a possessive.
BE_HOSTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "am": ("i",),
        "are": ("you", "we", "they"),
        "is": ("it", "he", "she", "that", "there", "here", "what", "who", "where", "how"),
        "will": ("i", "you", "we", "they", "it", "he", "she", "that", "there"),
        "would": ("i", "you", "we", "they", "he", "she"),
        "have": ("i", "you", "we", "they"),
    }
)
CLITICS: Mapping[str, str] = MappingProxyType(
    {"am": "'m", "are": "'re", "is": "'s", "will": "'ll", "would": "'d", "have": "'ve"}
)
# After these "I have" is an auxiliary and may shrink; after a noun ("I have a dog") it may not.
PARTICIPLES = frozenset(
    """been had got gotten done made seen sent taken given gone come spoken written read heard found lost
    told said put left met kept set begun known shown thought bought brought forgotten changed asked
    received talked decided attached started finished tried worked used moved added checked looked
    called already just never always also not now only recently finally both ever""".split()
)
# May stand between an auxiliary and its participle.
ADVERBS = frozenset("just already never always also not now only recently finally both ever".split())
# Typed without an apostrophe, or spoken forms. Opened, but never made by contracting.
SLURRED: Mapping[str, str] = MappingProxyType(
    {
        "dont": "do not",
        "doesnt": "does not",
        "didnt": "did not",
        "isnt": "is not",
        "arent": "are not",
        "wasnt": "was not",
        "werent": "were not",
        "havent": "have not",
        "hasnt": "has not",
        "hadnt": "had not",
        "couldnt": "could not",
        "wouldnt": "would not",
        "shouldnt": "should not",
        "cant": "cannot",
        "im": "i am",
        "ive": "i have",
        "youre": "you are",
        "theyre": "they are",
        "thats": "that is",
        "whats": "what is",
        "gonna": "going to",
        "wanna": "want to",
        "gotta": "have to",
        "gotcha": "got you",
        "lemme": "let me",
        "gimme": "give me",
        "dunno": "do not know",
        "ain't": "is not",
        "y'all": "you all",
    }
)
GERMAN_CLITICS: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"{verb} es": f"{verb}'s"
            for verb in "geht gibt ist war wäre hat habe wird wenn wie was ob".split()
        },
        **{
            f"ich {verb}e": f"ich {verb}"
            for verb in "hab werd würd hätt könnt wär komm mach schick sag glaub denk".split()
        },
    }
)

# Titles and units are no abbreviations here: nobody writes them out.
ABBREVIATIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": _pairs("""
            fyi = for your information, asap = as soon as possible, a.s.a.p. = as soon as possible, btw = by
            the way, tmrw = tomorrow, tmr = tomorrow, tmw = tomorrow, tomo = tomorrow, 2moro = tomorrow, w/
            = with, w/o = without, b/c = because, bc = because, cuz = because, b/w = between, a/o = as of,
            thx = thanks, thanx = thanks, tnx = thanks, ty = thank you, pls = please, plz = please, pse =
            please, imo = in my opinion, imho = in my humble opinion, afaik = as far as I know, aka = also
            known as, eta = expected time of arrival, tbd = to be decided, tba = to be announced, tbc = to
            be confirmed, eod = end of day, eob = end of business, cob = close of business, eow = end of the
            week, ooo = out of office, wfh = working from home, pto = time off, rsvp = please reply, brb =
            back soon, lmk = let me know, idk = I do not know, tbh = to be honest, ttyl = talk to you later,
            omw = on my way, np = no problem, nvm = never mind, irl = in real life, lol = laughing, omg = oh
            my, hbu = how about you, rn = right now, bday = birthday, mtg = meeting, appt = appointment,
            approx = approximately, approx. = approximately, incl = including, incl. = including, hrs =
            hours, wk = week, wks = weeks, wknd = weekend, yr = year, yrs = years, mgmt = management, dept =
            department, govt = government, nbr = number, qty = quantity, pcs = pieces, e.g. = for example,
            i.e. = that is, etc = and so on, etc. = and so on, vs = versus, vs. = versus, u = you, ur =
            your, b4 = before, gr8 = great, l8r = later, ppl = people, abt = about, shd = should, btwn =
            between, thru = through, tho = though, sth = something, v = very, mon = Monday, tues = Tuesday,
            tue = Tuesday, weds = Wednesday, thurs = Thursday, thur = Thursday, fri = Friday
            """),
        "de": _pairs("""
            z.b. = zum Beispiel, z. b. = zum Beispiel, zb = zum Beispiel, d.h. = das heißt, d. h. = das
            heißt, u.a. = unter anderem, u. a. = unter anderem, usw. = und so weiter, usw = und so weiter,
            etc. = und so weiter, bzw. = beziehungsweise, bzw = beziehungsweise, ca. = circa, evtl. =
            eventuell, evtl = eventuell, ggf. = gegebenenfalls, ggf = gegebenenfalls, vllt = vielleicht,
            vllt. = vielleicht, vlt = vielleicht, inkl. = inklusive, zzgl. = zuzüglich, o.ä. = oder ähnlich,
            i.d.r. = in der Regel, m.e. = meines Erachtens, u.u. = unter Umständen, s.o. = siehe oben, s.u.
            = siehe unten, stk. = Stück, stk = Stück, kw = Kalenderwoche, tel. = Telefon, bspw. =
            beispielsweise, sog. = sogenannt, mind. = mindestens, max. = maximal, lg = liebe Grüße, vg =
            viele Grüße, mfg = mit freundlichen Grüßen, thx = danke, btw = übrigens, fyi = zur Kenntnis,
            asap = so bald wie möglich
            """),
    }
)

# A full stop after these does not end a sentence.
DOTTED = frozenset(
    """mr mrs ms dr prof st no nr vs e.g i.e etc approx inc ltd co corp dept fig jan feb mar apr jun jul
    aug sep sept oct nov dec mon tue wed thu fri sat sun a.m p.m u.s u.k z.b d.h u.a bzw ca evtl ggf usw
    inkl zzgl stk tel str hr fr bspw sog mind max vllt z b d h ext jr sr rev gen sen rep gov hon pp p
    vol ed al cf sig dott ing m n.b""".split()
)

NUMBER_WORDS = frozenset(
    """eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty
    fifty sixty seventy eighty ninety hundred thousand million elf zwölf dreizehn vierzehn fünfzehn
    zwanzig dreißig vierzig fünfzig hundert tausend""".split()
)
CALENDAR_WORDS = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december montag dienstag mittwoch donnerstag freitag samstag
    sonnabend sonntag januar februar märz mai juni juli oktober dezember""".split()
)

# Pictures, and faces typed with punctuation. A face stands free: after a space or the line's start.
EMOJI = (
    "[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\u2764]"
    "[\ufe0f\u200d\U0001f3fb-\U0001f3ff\U0001f300-\U0001faff\u2640\u2642]*"
    r"|(?:(?<=\s)|^)(?:[:;=8][-'^o]?[)(\]\[DPpOo/\\|3*]+|<3|\^\^|xD|XD|:'\()(?=[\s.,!?]|$)"
)
