"""The shipped words of German."""

from pipeline.core.attitude.vocabulary import Vocabulary

GERMAN = Vocabulary(
    words={
        "delivery": """liefer*, geliefert*, *lieferung, *lieferungen, anlieferung, ausgeliefert, nachgeliefert,
            lieferant, versand*, versenden, versandt, verschickt, verschicken, zusteller, zustell*, zugestellt,
            sendung, bote, paketbote, kurier*, dhl, hermes, dpd, gls, =ups, kam ~ an, kommt ~ an, pünktlich,
            unpünktlich, rechtzeitig, verspät*, verspätung, zu spät, =spät, spät geliefert, noch nicht ~ da,
            noch nichts da, noch nicht erhalten, nie ~ erhalten, nicht erhalten, nicht ~ bekommen, nie bekommen,
            nie angekommen, schnell da, schon da, warte ~ auf meine bestellung, warte noch auf ~ bestellung,
            warte ~ auf ~ ware, warte ~ auf ~ paket, wartezeit, ewig gedauert, dauert ~ lange, dauerte ~ lange,
            lange gedauert, sendungsverfolgung, schnell erhalten, ware kam, ware ~ schnell, kam ~ schnell, kam ~
            tagen, kam ~ wochen, innerhalb von ~ tagen, versandkosten, lieferkosten, beim nachbarn abgegeben,
            nachbarn abgegeben, verzöger*, erst nach, kam erst, kam nie, nie da, wochen später,
            versandkostenfrei, =tage später, postbote, briefträger, nicht angekommen, schnell angekommen, spät
            angekommen, bestellung da, bestellung war da, gut angekommen, bestellung kam, paket kam, bis heute
            nicht ~ da, immer noch nicht da, immer noch nicht ~ erhalten, ewig gewartet, am nächsten tag
            bekommen, tag später da, verloren gegangen, verschollen, spedition, blitzschnell""",
        "delivery_options": """packstation*, abholung, abholen, abhol*, abgeholt, paketshop*, abholpunkt*,
            filiale, nachbar*, beim nachbarn abgegeben, nachbarn abgegeben, wunschtermin*, wunschtag*,
            wunschort*, zeitfenster*, liefertermin*, lieferzeitfenster, lieferadresse, andere adresse, anderen
            adresse, falsche adresse, adresse ~ ändern, adresse ~ geändert, anderer tag, anderen tag, samstag,
            abendlieferung, ablageort, postfiliale, click and collect""",
        "packaging": """verpack*, *verpackung, *verpackungen, *verpackungsmüll, eingepackt, umverpackung,
            luftpolster*, geschenkverpackung, zu viel plastik, viel plastik, zersplittert, polsterung, scherben,
            paket ~ kaputt, pakete ~ kaputt, paket ~ offen, paket ~ aufgerissen, zugeklebt, verbeult, tüte""",
        "completeness": """vollständig, unvollständig*, komplett geliefert, nicht komplett, fehlende, falscher
            artikel, falschen artikel, falsche artikel, falsches produkt, falsche produkt, falsche ware, falsche
            größe, falsche farbe, falsches modell, falsche bestellung, falsch geliefert, falsch geschickt,
            falsch verschickt, falschlieferung, falsche* ~ geliefert, falsches ~ geliefert, falscher ~
            geliefert, falscher artikel geliefert, falsche artikel geliefert, falschen artikel geliefert,
            falsche ware geliefert, artikel im karton, teillieferung*, teil der bestellung, hälfte der
            bestellung, nur ein teil, was ich bestellt, wie bestellt, was ich ~ bestellt, nicht ~ bestellt,
            alles dabei, alles drin, fehler ~ bestellung, verwechselt, zu wenig geliefert, alles komplett, teile
            ~ gefehlt, teil ~ fehlt, teile ~ fehlen, teile ~ fehlten, nicht dabei, lag nicht bei, nicht
            enthalten, ohne ladekabel, war nicht drin, nicht im karton, zu wenig im, stattdessen, hälfte ~
            bekommen, nur die hälfte, doppelt geliefert, doppelt geschickt, anleitung fehlt, anleitung fehlte,
            ohne anleitung, schrauben fehlten, schrauben fehlen""",
        "stock": """ausverkauft*, vergriffen, vorrätig, lieferbar, nicht lieferbar, auf lager, lagerbestand,
            verfügbar, nicht verfügbar, verfügbarkeit, storniert*, stornierung, storno, nicht mehr erhältlich,
            in meiner größe, meine größe ~ ausverkauft, größe ~ ausverkauft, größe ~ nicht verfügbar, größe ~
            vergriffen, nicht mehr zu haben, nicht mehr bestellbar, nicht mehr da, nirgends mehr""",
        "choice": """auswahl*, *auswahl, sortiment*, *sortiment, marken, angebotspalette, produktpalette,
            vielfalt, vielfältig*, kollektion, reichhaltig*, für jeden etwas, findet jeder, alles was man
            braucht, große größen, großen größen, kleine größen""",
        "quality": """qualität*, *qualität, qualitativ, hochwertig*, minderwertig*, verarbeitet, verarbeitung,
            verschleiß, abgenutzt, verschlissen, material, materialien, stoff, stoffe, leder, hauchdünn,
            haltbar*, langlebig, wirkt ~ billig, sieht billig aus, fühlt sich ~ billig, billig verarbeitet,
            billige, ramsch, schrott, mist, geht nicht an, ging nicht an, löst sich, lösen sich, gelöst hat
            sich, eingelaufen, eingegangen, verwaschen, ausgewaschen, verblasst, abgefärbt, färbt ab, bequem*,
            gemütlich, =weich, =weiche, =weicher, kuschelig, angenehm zu tragen, tragekomfort, naht, nähte,
            riecht, geruch, stinkt, duft, duftet, geschmack, schmeckt, hält ~ lange, hält nicht, hielt nicht,
            gutes produkt, tolles produkt, super produkt, schlechtes produkt, produkt ist gut, produkt ist
            super, tolle ware, gute ware, schlechte ware, fälschung, kuhle, durchgelegen, wackelig, wackelt,
            undicht, flecken, gerissen, abgebrochen, bricht, brach, abgegangen, ausgeleiert, kratzt, rost,
            rostet, wasserdicht, klappert, quietscht, drückt, drücken, unbequem, sohle, reißverschluss, geht
            auf, verformt, lose, schlampig, gibt den geist auf, geist aufgegeben, nicht ~ original, qualität
            passt, top artikel, guter artikel, toller artikel, super artikel, schöner artikel, gute artikel,
            tolle artikel, artikel ist gut, tolle produkte, gute produkte, super produkte, schöne produkte, top
            produkt, top produkte, top ware, super ware, produkt ~ okay, produkt ~ gut, produkt ~ in ordnung,
            hält was, hält ~ was ~ verspricht, funktional, unbrauchbar, akku, wirkt gut, fusselt, fusseln,
            knötchen, pilling, löchrig, abgerissen, ausgefranst, läuft ein, lief ein, wertig, wertigkeit,
            atmungsaktiv, wärmt, materialfehler, verarbeitungsfehler, produktmangel, verschnitten, abnutzung,
            gebrauchsspuren, einfach aufzubauen, leicht aufzubauen, reißt, formstabil, produkte =sind""",
        "fit": """passt, passen, passte, gepasst, passform, passgenau, sitzt, fällt ~ klein, fällt ~ groß,
            fallen ~ klein, fallen ~ groß, fällt ~ aus, fallen ~ aus, nummer größer, nummer kleiner, =größe,
            =größen, *größe, größentabelle, größenangabe, konfektionsgröße, zu klein, zu groß, zu eng, zu weit,
            zu kurz, zu lang, zu schmal, zu breit, farbe, farben, *farbe, farblich, farbabweichung, farbton, auf
            dem bild, auf dem foto, auf den bildern, wie auf ~ bild, wie auf ~ foto, vom foto, vom bild, wie
            abgebildet, abbildung, wie beschrieben, beschreibung, artikelbeschreibung, produktbeschreibung,
            entspricht ~ beschreibung, schnitt, geschnitten, ärmel, ferse, drücken ~ ferse, hosenbein, taille,
            weite, schmal, eng, weit geschnitten, drückt an, ärmellänge, beinlänge, hosenlänge, passgenauigkeit,
            passgenau*, falsche größe bestellt, größe bestellt, größer als, kleiner als, länger als, kürzer als,
            breiter als, maße, abmessungen, spannt, zwickt, rutscht, bund, saum, kragen, oberweite, entspricht ~
            bild, entspricht ~ abbildung, entspricht ~ foto, sieht anders aus, anders als ~ bild, anders als ~
            foto, wie angegeben, irreführend""",
        "price": """=preis, =preise, =preisen, =preises, *preis, *preise, preislich, preiswert*, preisleistung,
            teuer, =teurer, =teuer, =teure, überteuert, günstig, günstiger, günstigen, billiger, zu billig,
            *kosten, versandkosten, kostet, rabatt*, *rabatt, reduziert, angebot, angebote, sonderangebot*,
            schnäppchen*, sale, schlussverkauf, geld wert, lohnt sich, rausgeschmissenes geld, erschwinglich,
            preis bezahlt, preis ~ bezahlen, preis zu zahlen, wucher, abzocke, rücksendekosten, bezahlbar,
            spottbillig, geldverschwendung, portofrei, preisniveau, preisklasse""",
        "payment": """bezahlen, bezahlung, zahlung*, zahlungsart*, zahlungsmöglichkeit*, zahlungsmethode*,
            bezahlvorgang, kasse, paypal, klarna, kreditkarte*, lastschrift*, rechnung*, kauf auf rechnung,
            ratenzahlung, warenkorb, mahnung*, doppelt abgebucht, abgebucht, bereits bezahlt, schon bezahlt,
            überweisung, vorkasse, inkasso, karte ~ abgelehnt, karte ~ nicht, akzeptierte ~ karte, zahlung
            abgelehnt, zahlung fehlgeschlagen, checkout, abbuchung, sofortüberweisung, apple pay, google pay,
            rechnungskauf, zahlvorgang""",
        "website": """website*, webseite*, internetseite, =seite, webshop*, shop ist, homepage, app, navigation,
            suchfunktion*, suche auf, suche ist, filter, filterfunktion, einloggen, eingeloggt, anmelden, login,
            mein konto, kundenkonto, ladezeit*, lädt langsam, übersichtlich*, unübersichtlich*,
            benutzerfreundlich*, bestellvorgang, bestellprozess, bestellung ging, bestellen ging, bestellen ist,
            bestellen war, einfach bestell*, einfach zu bestellen, bestellung war ~ einfach, bestellung verlief,
            bestellablauf, im onlineshop, onlineshop ist, onlineshop lädt, online shop ist, abgestürzt, stürzt
            ab, seite lädt""",
        "returns": """retour*, retoure*, rücksend*, rücksendung, rückgabe*, rückerstattung*, rückversand,
            erstattung, erstattet, geld ~ zurück, geld zurück, garantie*, gewährleistung, ersatz,
            ersatzlieferung, ersetzt, umgetauscht, gutschrift, kulanz, kulant, neues ~ bekommen, geld ~
            wiederbekommen, zurückbekommen, rückporto, widerruf*, zurückerstatt*, rückzahlung, zurückgenommen,
            rücknahme, erstatten""",
        "service": """kundenservice, kundendienst*, kundenbetreuung, kundensupport, =service, =support,
            servicewüste, helpdesk, mitarbeiter*, personal, verkäufer, verkäuferin, beratung, beraten, berater,
            freundlich*, unfreundlich*, hilfsbereit*, unhöflich*, höflich, kompetent*, inkompetent,
            zuvorkommend, kundenfreundlich, nette dame, problem ~ gelöst, schnell geklärt, beanstandet wurde,
            ernst genommen, professionell, fachkundig, serviceorientiert, lösungsorientiert, ansprechpartner,
            ansprechpartnerin, geduldig, hilfsbereitschaft, weitergeholfen, kümmert sich, kümmern sich,
            support""",
        "contact": """erreichbar*, unerreichbar*, zu erreichen, erreichen, telefon, telefonisch*, am telefon,
            per telefon, hotline*, angerufen, anrufen, anruf, rückruf*, zurückgerufen, zurückrufen, mails,
            email, e mail, per mail, gemailt, antwort*, geantwortet, beantwortet, keine antwort, reagiert,
            reaktion, rückmeldung*, meldet sich, chat*, chatbot*, kommunikation, informiert, informieren, auf
            dem laufenden, benachrichtigung*, benachrichtigt, sendungsverfolgung, tracking, trackingnummer,
            nachverfolg*, kontakt*, kontaktiert, nachricht*, bescheid, ohne begründung, ohne erklärung, keine
            info, keine information*, durchkommen, niemand ~ ran, geht ~ ran, gesprochen, =gemeldet, rückfrage*,
            anfrage*, angeschrieben, vertröstet, warteschleife""",
        "personalisation": """persönlich*, personalisiert*, individuell*, maßgeschneidert*, auf mich
            zugeschnitten, maßanfertigung, handgeschrieben*, produktempfehlungen, vorschläge, für meine haut,
            für meinen hauttyp, meine bedürfnisse, mein geschmack, meinen geschmack, zu mir, passen ~ zu mir,
            passt ~ zu mir, =empfehlungen""",
        "rewards": """treuepunkt*, meine punkte, punkte gesammelt, punkte sammeln, punkte einlösen, bonuspunkt*,
            bonusprogramm*, kundenkarte*, newsletter*, gutschein*, gutscheincode*, rabattcode*, rabattaktion,
            treue, treueprogramm, stammkund*, geschenkkarte*, coupon*, aktionscode, payback, werbemails,
            werbung, spam, mitgliedschaft, vorteile für stammkunden, =punkte""",
        "community": """bewertungen, rezension*, anderer kunden, anderen kunden, andere kunden, anderer käufer,
            andere käufer, erfahrungsberichte, forum, community, kundenmeinungen, kundenbewertungen""",
        "character": """atmosphäre, ambiente, schöner laden, schönes geschäft, toller laden, netter laden,
            schöner shop, liebevoll gestaltet, nachhaltig*, umweltfreundlich*, umwelt*, ökologisch, regional*,
            regionale, charakter, charme, charmant, fair gehandelt, recycel*, klimaneutral""",
    },
    unless_denied={
        "packaging": """beschädigt*, beschädigung*, delle, dellen, eingedrückt, zerdrückt, aufgerissen,
            zerbrochen, zerrissen, unbeschädigt""",
        "quality": """kaputt*, defekt*, gebrochen, kratzer, zerkratzt, riss, risse, mangel, mängel, mangelhaft,
            fehlerhaft, beschädigt, loch, löcher, schaden""",
        "returns": """zurückschicken, zurückgeschickt, schicke ~ zurück, schickte ~ zurück, zurücksenden,
            zurückgesendet, zurückgesandt, zurückgeben, zurückgegeben, gehen zurück, geht zurück, ging zurück,
            gingen zurück, umtausch, umtauschen, umzutauschen, zurückzuschicken, zurückzusenden, zurückzugeben,
            reklamation*, reklamiert, reklamieren""",
        "service": "reklamation*, beschwerde*, beschwert, beschweren, reklamiert, reklamieren",
    },
    if_alone={
        "quality": """funktioniert nicht, funktionierte nicht, funktioniert nicht mehr, funktioniert ~
            einwandfrei, funktioniert ~ gut, funktioniert ~ perfekt, funktioniert ~ super, funktioniert, dünn,
            robust, stabil, solide, praktisch, handlich, nützlich, nutzlos, aufbau, montage, leise, wirkung,
            design""",
        "delivery": """warten, seit wochen, wochen gewartet, lange gewartet, gedauert, hat ~ gedauert, nächsten
            tag, am nächsten tag, unterwegs, paket*, päckchen, angekommen, ankommen, ankunft""",
        "packaging": "karton*, schachtel",
        "service": "geholfen, nett, =gelöst, gekümmert, sehr hilfreich",
        "completeness": "fehlt, fehlte, fehlten, fehlen, gefehlt",
        "price": "aktion",
    },
    negations="kein, keine, keinen, keinem, keiner, keinerlei, nicht, nichts, nie, niemals, ohne, kaum, weder, niemand",
    conjunctions="aber, jedoch, allerdings, obwohl, doch, außer, sondern",
    lemmas={
        "größer": "größer",
        "kleiner": "kleiner",
        "größe": "größe",
        "größen": "größe",
        "teurer": "teuer",
        "marken": "marke",
        "farben": "farbe",
        "stoffe": "stoff",
        "sitzt": "sitzen",
        "nett": "nett",
        "nette": "nett",
        "netter": "nett",
    },
)
