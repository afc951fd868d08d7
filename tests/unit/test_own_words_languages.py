"""Own words: what programs write above a quote, in the languages they write it in."""

import pytest
from ownhand.daemon.mail.words.own_words import own_words

ATTRIBUTIONS = {
    "English": "On Tue, 4 Mar 2025 at 09:12, Mira Holm <mira@holm.example> wrote:",
    "English, wrapped": "On Tue, 4 Mar 2025 at 09:12, Mira Holm\n<mira@holm.example> wrote:",
    "German": "Am 04.03.2025 um 09:12 schrieb Mira Holm <mira@holm.example>:",
    "French": "Le mar. 4 mars 2025 à 09:12, Mira Holm <mira@holm.example> a écrit :",
    "Spanish": "El mar, 4 mar 2025 a las 9:12, Mira Holm (<mira@holm.example>) escribió:",
    "Portuguese": "Em ter., 4 de mar. de 2025 às 09:12, Mira Holm <mira@holm.example> escreveu:",
    "Italian": "Il giorno mar 4 mar 2025 alle ore 09:12 Mira Holm <mira@holm.example> ha scritto:",
    "Dutch": "Op di 4 mrt 2025 om 09:12 schreef Mira Holm <mira@holm.example>:",
    "Swedish": "Den tis 4 mars 2025 kl 09:12 skrev Mira Holm <mira@holm.example>:",
    "Danish": "Den tirs. 4. mar. 2025 kl. 09.12 skrev Mira Holm <mira@holm.example>:",
    "Norwegian": "tir. 4. mars 2025 kl. 09:12 skrev Mira Holm <mira@holm.example>:",
    "Finnish": "ti 4. maalisk. 2025 klo 9.12 Mira Holm (mira@holm.example) kirjoitti:",
    "Polish": "W dniu 4.03.2025 o 09:12, Mira Holm <mira@holm.example> pisze:",
    "Polish, Gmail": "wt., 4 mar 2025 o 09:12 Mira Holm <mira@holm.example> napisał(a):",
    "Czech": "út 4. 3. 2025 v 9:12 odesílatel Mira Holm <mira@holm.example> napsal:",
    "Slovak": "ut 4. 3. 2025 o 9:12 Mira Holm <mira@holm.example> napísal(a):",
    "Hungarian": "Mira Holm <mira@holm.example> ezt írta (időpont: 2025. márc. 4., K, 9:12):",
    "Romanian": "Pe mar., 4 mar. 2025 la 09:12, Mira Holm <mira@holm.example> a scris:",
    "Russian": "вт, 4 мар. 2025 г. в 09:12, Mira Holm <mira@holm.example>:",
    "Russian, Thunderbird": "04.03.2025 09:12, Mira Holm пишет:",
    "Ukrainian": "вт, 4 бер. 2025 р. о 09:12 Mira Holm <mira@holm.example> пише:",
    "Bulgarian": "На вт, 4.03.2025 г. в 9:12 Mira Holm <mira@holm.example> написа:",
    "Greek": "Στις Τρί 4 Μαρ 2025 στις 9:12 π.μ., ο/η Mira Holm <mira@holm.example> έγραψε:",
    "Turkish": "Mira Holm <mira@holm.example>, 4 Mar 2025 Sal, 09:12 tarihinde şunu yazdı:",
    "Chinese": "Mira Holm <mira@holm.example> 于2025年3月4日周二 09:12写道：",
    "Japanese": "2025年3月4日(火) 9:12 Mira Holm <mira@holm.example>:",
    "Korean": "2025년 3월 4일 (화) 오전 9:12, Mira Holm <mira@holm.example>님이 작성:",
    "Hebrew": "\u200fבתאריך יום ג׳, 4 במרץ 2025 ב-9:12 מאת Mira Holm <\u200fmira@holm.example\u200f>:",
    "Vietnamese": "Vào Th 3, 4 thg 3, 2025 vào lúc 09:12 Mira Holm <mira@holm.example> đã viết:",
    "Indonesian": "Pada tanggal Sel, 4 Mar 2025 pukul 09.12 Mira Holm <mira@holm.example> menulis:",
    "Catalan": "Missatge de Mira Holm <mira@holm.example> del dia dt., 4 de març 2025 a les 9:12:",
    "Gmail without a verb": "2025-03-04 9:12 GMT+01:00 Mira Holm <mira@holm.example>:",
    "Croatian": "Dana uto, 4. ožu 2025. u 09:12 Mira Holm <mira@holm.example> napisao/la je:",
    "Slovene": "V tor., 4. mar. 2025 ob 09:12 je Mira Holm <mira@holm.example> napisala:",
    "Serbian": "уто, 4. мар 2025. у 09:12 Mira Holm <mira@holm.example> је написао/ла:",
    "Estonian": "Kuupäev: T, 4. märts 2025, kell 09:12 Kirjutas Mira Holm <mira@holm.example>:",
    "Lithuanian": "2025-03-04, an, 09:12 Mira Holm <mira@holm.example> rašė:",
    "Latvian": "otrd., 2025. g. 4. marts, plkst. 09:12 Mira Holm <mira@holm.example> rakstīja:",
    "Icelandic": "Þann þri., 4. mar. 2025 kl. 09:12 skrifaði Mira Holm <mira@holm.example>:",
    "Galician": "O mar, 4 mar 2025 ás 9:12, Mira Holm (<mira@holm.example>) escribiu:",
    "Basque": "Mira Holm <mira@holm.example> erabiltzaileak hau idatzi du (2025 mar. 4, ar. 9:12):",
    "Arabic": "في الثلاثاء، 4 مارس 2025 في 9:12 ص كتب Mira Holm <mira@holm.example>:",
    "Persian": "در تاریخ سه‌شنبه ۴ مارس 2025 ساعت 9:12 Mira Holm <mira@holm.example> نوشت:",
    "Hindi": "मंगल, 4 मार्च 2025 को 9:12 am बजे को Mira Holm <mira@holm.example> ने लिखा:",
    "Thai": "เมื่อ อ. 4 มี.ค. 2025 เวลา 09:12 Mira Holm <mira@holm.example> เขียนว่า:",
    "Afrikaans": "Op Di. 4 Mrt. 2025 om 09:12 het Mira Holm <mira@holm.example> geskryf:",
    "Outlook on a telephone": 'On Tue, Mar 4, 2025 at 9:12 AM +0100, "Mira Holm" <mira@holm.example> wrote:',
    "Apple": "On Mar 4, 2025, at 9:12 AM, Mira Holm <mira@holm.example> wrote:",
    "Proton": "On Tuesday, March 4th, 2025 at 9:12 AM, Mira Holm <mira@holm.example> wrote:",
    "Yahoo": "On Tuesday, March 4, 2025 at 09:12:30 AM GMT+1, Mira Holm <mira@holm.example> wrote:",
    "Thunderbird": "On 04/03/2025 09:12, Mira Holm wrote:",
    "an address broken off": "On Tuesday, Mar 4, 2025 at 09:12, Mira Holm\n<\nmira@holm.example\n> wrote:",
    "Mutt": "* Mira Holm <mira@holm.example> [2025-03-04 09:12]:",
}
HEADER_BLOCKS = {
    "English": (
        "From: Mira Holm <mira@holm.example>",
        "Sent: 4 March 2025 09:12",
        "To: Ana",
        "Subject: Boat",
    ),
    "bold": ("*From:* Mira Holm <mira@holm.example>", "*Date:* 4 March 2025 09:12", "*Subject:* Boat"),
    "Notes": ("Mira Holm", "03/04/2025 09:12 AM", "To: Ana Ruiz/LON/ACME@ACME", "cc:", "Subject: Boat"),
    "Notes, apart": ("Mira Holm", "", "03/04/2025 09:12 AM", "", "To: Ana Ruiz/LON/ACME@ACME", "cc:"),
    "Notes, in a box": (
        "\t  From:  Mira Q Holm              03/04/2025 09:12 AM\t",
        "\t\t",
        "",
        "To:\tAna Ruiz/LON/ACME@ACME",
        "Subject:\tBoat",
    ),
    "tab-indented": (
        "\tMira Holm@ACME",
        "\t03/04/2025 09:12 AM",
        "\t\t ",
        "\t\t To: Ana Ruiz/LON",
        "\t\t cc: ",
    ),
}
LABELS = {
    "German": "Von|Gesendet|An|Betreff",
    "French": "De |Envoyé |À |Objet ",
    "Spanish": "De|Enviado el|Para|Asunto",
    "Portuguese": "De|Enviada em|Para|Assunto",
    "Italian": "Da|Inviato|A|Oggetto",
    "Dutch": "Van|Verzonden|Aan|Onderwerp",
    "Swedish": "Från|Skickat|Till|Ämne",
    "Danish": "Fra|Sendt|Til|Emne",
    "Finnish": "Lähettäjä|Lähetetty|Vastaanottaja|Aihe",
    "Icelandic": "Frá|Sent|Til|Efni",
    "Polish": "Od|Wysłano|Do|Temat",
    "Czech": "Od|Odesláno|Komu|Předmět",
    "Slovak": "Od|Odoslané|Komu|Predmet",
    "Slovene": "Od|Poslano|Za|Zadeva",
    "Croatian": "Od|Poslano|Prima|Predmet",
    "Hungarian": "Feladó|Elküldve|Címzett|Tárgy",
    "Romanian": "De la|Trimis|Către|Subiect",
    "Bulgarian": "От|Изпратено|До|Относно",
    "Russian": "От|Отправлено|Кому|Тема",
    "Ukrainian": "Від|Надіслано|Кому|Тема",
    "Greek": "Από|Στάλθηκε|Προς|Θέμα",
    "Turkish": "Kimden|Gönderildi|Kime|Konu",
    "Estonian": "Saatja|Saadetud|Adressaat|Teema",
    "Latvian": "No|Nosūtīts|Kam|Tēma",
    "Lithuanian": "Nuo|Išsiųsta|Kam|Tema",
    "Catalan": "De|Enviat|Per a|Assumpte",
    "Hebrew": "מאת|נשלח|אל|נושא",
    "Arabic": "من|تم الإرسال|إلى|الموضوع",
    "Persian": "از|ارسال شده|به|موضوع",
    "Chinese": "发件人|发送时间|收件人|主题",
    "Chinese, Taiwan": "寄件者|寄件日期|收件者|主旨",
    "Japanese": "差出人|送信日時|宛先|件名",
    "Korean": "보낸 사람|보낸 날짜|받는 사람|제목",
    "Vietnamese": "Từ|Đã gửi|Tới|Chủ đề",
    "Thai": "จาก|ส่ง|ถึง|เรื่อง",
    "Indonesian": "Dari|Terkirim|Kepada|Judul",
}


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
@pytest.mark.parametrize("mark", ["> ", ""], ids=["marked", "unmarked"])
def test_an_attribution_and_its_quote_are_cut(attribution: str, mark: str) -> None:
    mail = f"Hi Mira,\n\nthe boat is yours.\n\nAna\n\n{attribution}\n\n{mark}Is the boat free?\n{mark}Mira\n"

    words = own_words(mail)

    assert words.text == "Hi Mira,\n\nthe boat is yours.\n\nAna"
    assert words.refused is None
    assert words.quoted.startswith("Is the boat free?")


@pytest.mark.parametrize("block", HEADER_BLOCKS.values(), ids=HEADER_BLOCKS)
def test_a_header_block_ends_the_own_words(block: tuple[str, ...]) -> None:
    mail = "\n".join(["The boat is yours.", "", "Ana", "", "", *block, "", "Is the boat free?"])

    words = own_words(mail)

    assert words.text == "The boat is yours.\n\nAna"
    assert words.quoted == "Is the boat free?"


@pytest.mark.parametrize(
    "marker",
    [
        "-----Original Message-----",
        " Original Message",
        "-------- Weitergeleitete Nachricht --------",
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "Début du message réexpédié :",
        "-----Mensaje original-----",
        "-----原始邮件-----",
        "--------- Forwarded by Ana Ruiz/LON/ACME on 03/04/2025 09:12 AM ----------",
        ">>> Mira Holm <mira@holm.example> 03/04/25 09:12AM >>>",
    ],
)
def test_a_mere_forward_has_no_own_words(marker: str) -> None:
    words = own_words(f"{marker}\nFrom: mira@holm.example\nSubject: Boat\n\nIs the boat free?\n")

    assert words.text == ""
    assert words.quoted == "Is the boat free?"


@pytest.mark.parametrize("colon", [": ", "："], ids=["colon", "wide colon"])
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_a_header_block_is_known_in_every_language(labels: str, colon: str) -> None:
    values = ("Mira Holm", "2025-03-04 09:12", "Ana Ruiz", "Boot")
    block = [f"{label}{colon}{value}" for label, value in zip(labels.split("|"), values, strict=True)]

    words = own_words("\n".join(["The boat is yours.", "", "Ana", "", *block, "", "Is the boat free?"]))

    assert (words.text, words.quoted) == ("The boat is yours.\n\nAna", "Is the boat free?")


def test_a_header_block_in_any_language_is_known_by_the_persons_own_address() -> None:
    block = "Kwa: Mira Holm <mira@holm.example>\nMpokeaji: ANA@ruiz.example\nKuhusu: Mashua\n\nIs it free?"

    words = own_words(f"Yes.\n\n{block}", addresses=["ana@ruiz.example"])

    assert (words.text, words.quoted, words.refused) == ("Yes.", "Is it free?", None)


def test_an_attribution_in_any_language_is_known_by_the_persons_own_address() -> None:
    mail = "One more thing.\n\nAna <ana@ruiz.example> grukte 4.3.2025:\n\nThe boat is yours."

    words = own_words(mail, addresses=["ana@ruiz.example"])

    assert (words.text, words.refused) == ("One more thing.", None)


def test_the_persons_own_address_below_their_name_is_no_sign_of_another() -> None:
    card = "Epost: Ana Ruiz <ana@ruiz.example>\nFon: 020 555 0100"

    words = own_words(f"The boat is yours.\n\nAna\n\n{card}", addresses=["ana@ruiz.example"])

    assert words.refused is None
