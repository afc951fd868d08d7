"""Invented mails in many languages, with the charsets that mail in these languages came in before UTF-8."""

# Language, charsets, text. The first line is used by itself too: many mails have no more.
TEXTS: tuple[tuple[str, str, str], ...] = (
    (
        "English", "cp1252 mac_roman",
        "Don’t wait for me, I’ll be late.\n\n"
        "Bob says “no” to the café – it’s £40 a head, and they’re closed on Mondays. Let’s meet at "
        "the station.\n"
        "I’ve asked the clerk for a room as well.\n\nBest,\nSiân\n",
    ),
    (
        "French", "iso-8859-15 cp1252 mac_roman",
        "Chère Hélène, merci pour le reçu, je l’ai bien noté.\n\n"
        "Le bateau sera prêt à la fin de l'été ; le maître d'œuvre préfère attendre que la "
        "peinture ait séché.\n"
        "Peux-tu me dire où déposer les clés ?\n\nÀ bientôt,\nZoé\n",
    ),
    (
        "German", "iso-8859-1 cp1252 mac_roman",
        "Lieber Jürgen, die Gebühr für März ist schon überwiesen.\n\n"
        "Könntest du bitte prüfen, ob die Größe der Tür stimmt? Der Schreiner möchte sonst nächste "
        "Woche anfangen.\n"
        "Wir hören uns später.\n\nSchöne Grüße\nKäthe\n",
    ),
    (
        "Spanish", "iso-8859-1 cp1252",
        "Hola Íñigo, ¿cuándo llega el camión de la mañana?\n\n"
        "El señor Peña dice que todavía está en Logroño y que mañana habrá más información sobre "
        "la calefacción.\n"
        "Aquí seguimos esperándolo.\n\nUn saludo,\nBegoña\n",
    ),
    (
        "Portuguese", "iso-8859-1 cp1252",
        "Olá João, a reunião de amanhã não será às três.\n\n"
        "A direção pediu mais informação sobre as licenças; também há dúvidas quanto à opção que "
        "escolhemos.\n"
        "Até já, e obrigada pela atenção.\n\nConceição\n",
    ),
    (
        "Italian", "iso-8859-1 cp1252",
        "Ciao Niccolò, la riunione è più tardi: verrà anche Andrè.\n\n"
        "Perché non porti i disegni? Così il perito potrà vedere la qualità dei materiali già lunedì.\n"
        "La caffetteria sarà aperta fino alle sei.\n\nA lunedì,\nLibertà\n",
    ),
    (
        "Swedish", "iso-8859-1 cp1252",
        "Hej Åsa, båten är målad och står på räls nu.\n\n"
        "Vi kör över till ön på lördag om vädret håller. Kan du fråga Björn om han har nycklarna "
        "till förrådet?\n"
        "Det räcker om han lägger dem i lådan.\n\nHälsningar\nPär\n",
    ),
    (
        "Danish", "iso-8859-1 cp1252",
        "Kære Søren, fakturaen på døren er nu blevet rettet.\n\n"
        "Måske kan vi mødes på lørdag, så vi når at få det hele på plads før påske. Jeg tager brød "
        "og øl med.\n"
        "Skriv, hvis det passer dårligt.\n\nVenlig hilsen\nÅse\n",
    ),
    (
        "Finnish", "iso-8859-1 iso-8859-15",
        "Hei Päivi, vene on jälleen vesillä ja mökki lämmin.\n\n"
        "Tässä vielä näytepöytäkirja kokouksesta. Voisitko käydä läpi sivun, jolla käsitellään "
        "pysäköintiä?\n"
        "Jätän avaimen kynnyksen päälle.\n\nYstävällisin terveisin\nTyyne\n",
    ),
    (
        "Polish", "iso-8859-2 cp1250",
        "Cześć Józefie, proszę o przesłanie umowy jeszcze dziś.\n\n"
        "Księgowość twierdzi, że część załączników zaginęła. Czy możesz sprawdzić, gdzie się podziały?\n"
        "Najpóźniej jutro będę potrzebować odpowiedzi.\n\nZ poważaniem\nGrażyna Żółć\n",
    ),
    (
        "Czech", "iso-8859-2 cp1250",
        "Dobrý den, Jiří, příští schůzka bude až v úterý.\n\n"
        "Řekl jsem Zdeňkovi, že loď ještě není připravená a že počkáme na lepší počasí. Můžete to "
        "potvrdit?\n"
        "Klíče najdete u vrátného.\n\nS přátelským pozdravem\nKateřina Růžičková\n",
    ),
    (
        "Hungarian", "iso-8859-2 cp1250",
        "Kedves Győző, a szerződést tegnap este elküldtük.\n\n"
        "Kérjük, nézze át a második bekezdést, mert ott még változhat a fizetési határidő. Jövő "
        "hétfőig ráérünk.\n"
        "A kulcsot a portán hagytam.\n\nÜdvözlettel\nSzűcs Ödön\n",
    ),
    (
        "Croatian", "iso-8859-2 cp1250",
        "Poštovani gospodine Đuriću, račun još nije plaćen.\n\n"
        "Molim vas da provjerite je li uplata već krenula; ako nije, možemo čekati do četvrtka, "
        "ali ne duže.\n"
        "Ključ će biti kod susjede.\n\nSrdačan pozdrav\nŽeljka\n",
    ),
    (
        "Lithuanian", "cp1257 iso-8859-13",
        "Laba diena, Žydrūnai, sąskaitą gavau, ačiū.\n\n"
        "Kitą savaitę būsiu išvykęs, todėl dėl raktų kreipkitės į Rūtą. Ji žino, kur padėtos visos "
        "sutartys.\n"
        "Grįšiu ketvirtadienį.\n\nPagarbiai\nŠarūnas\n",
    ),
    (
        "Turkish", "iso-8859-9 cp1254",
        "Merhaba Gülşah, sözleşmeyi dün akşam gönderdim.\n\n"
        "Lütfen ödeme tarihini kontrol eder misin? Muhasebe önümüzdeki çarşamba gününe kadar yanıt "
        "istiyor.\n"
        "Anahtarı kapıcıya bıraktım, ışığı açık unutma.\n\nSaygılarımla\nÇağrı Işık\n",
    ),
    (
        "Greek", "iso-8859-7 cp1253",
        "Αγαπητέ Νίκο, το συμβόλαιο είναι έτοιμο.\n\n"
        "Μπορείς να περάσεις από το γραφείο την Πέμπτη; Ο λογιστής θέλει να δει τα τιμολόγια πριν "
        "πληρώσουμε.\n"
        "Το κλειδί το έχει η γειτόνισσα.\n\nΜε εκτίμηση\nΕλένη\n",
    ),
    (
        "Russian", "koi8-r cp1251 iso-8859-5",
        "Добрый день, Сергей, договор уже подписан.\n\n"
        "Проверьте, пожалуйста, второй пункт: бухгалтерия просит изменить срок оплаты. Ответ нужен "
        "до четверга.\n"
        "Ключи я оставила у соседки.\n\nС уважением\nТатьяна\n",
    ),
    (
        "Ukrainian", "koi8-u cp1251",
        "Доброго дня, Олексію, рахунок ще не сплачено.\n\n"
        "Перевірте, будь ласка, чи все гаразд із їхнім договором. Відповідь потрібна якнайшвидше, "
        "бо є сумніви.\n"
        "Ключі залишила в сусідки.\n\nЗ повагою\nЄвгенія\n",
    ),
    (
        "Bulgarian", "cp1251 iso-8859-5",
        "Здравей, Георги, договорът вече е подписан.\n\n"
        "Моля те, провери втората точка, защото счетоводството иска друга дата за плащане. Чакам "
        "до четвъртък.\n"
        "Ключът е при съседката.\n\nПоздрави\nСтоянка\n",
    ),
    (
        "Hebrew", "cp1255 iso-8859-8",
        "שלום דוד, החוזה כבר נחתם אתמול בערב.\n\n"
        "אפשר לבדוק את הסעיף השני? הנהלת החשבונות מבקשת לשנות את מועד התשלום עד יום חמישי.\n"
        "המפתח נמצא אצל השכנה.\n\nבברכה\nרבקה\n",
    ),
    (
        "Arabic", "cp1256 iso-8859-6",
        "مرحبا أحمد، تم توقيع العقد مساء أمس.\n\n"
        "هل يمكنك مراجعة البند الثاني؟ قسم الحسابات يريد تغيير موعد الدفع قبل يوم الخميس.\n"
        "المفتاح عند الجارة.\n\nمع التحية\nليلى\n",
    ),
    (
        "Thai", "cp874",
        "สวัสดีครับคุณสมชาย สัญญาเซ็นแล้วเมื่อวานนี้\n\n"
        "ช่วยตรวจข้อสองให้หน่อยได้ไหม ฝ่ายบัญชีต้องการเปลี่ยนวันชำระเงินก่อนวันพฤหัสบดี\n"
        "กุญแจอยู่กับเพื่อนบ้าน\n\nขอแสดงความนับถือ\nวิไล\n",
    ),
    (
        "Japanese", "iso2022_jp cp932 euc_jp",
        "田中様、契約書は昨日の夕方に署名しました。\n\n"
        "二番目の項目をご確認いただけますでしょうか。経理部が支払日を木曜日までに変更したいとのことです。\n"
        "鍵はお隣に預けてあります。\n\nよろしくお願いいたします。\n佐藤\n",
    ),
    (
        "Chinese", "gb18030",
        "王先生，您好！合同昨天晚上已经签好了。\n\n"
        "请您再看一下第二条，财务部希望在星期四之前修改付款日期。如果有问题，请给我打电话。\n"
        "钥匙放在邻居那里。\n\n此致\n李娜\n",
    ),
    (
        "Chinese, traditional", "big5",
        "王先生，您好！合約昨天晚上已經簽好了。\n\n"
        "請您再看一下第二條，會計部希望在星期四之前修改付款日期。如果有問題，請打電話給我。\n"
        "鑰匙放在鄰居那裡。\n\n敬上\n林雅婷\n",
    ),
    (
        "Korean", "cp949",
        "김 선생님, 계약서는 어제 저녁에 서명했습니다.\n\n"
        "두 번째 항목을 확인해 주시겠습니까? 경리부에서 목요일까지 지급일을 바꾸고 싶어 합니다.\n"
        "열쇠는 이웃집에 맡겨 두었습니다.\n\n감사합니다.\n이지은\n",
    ),
)  # fmt: skip
