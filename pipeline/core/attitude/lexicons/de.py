"""The shipped words of German."""

from pipeline.core.attitude.vocabulary import Vocabulary

GERMAN = Vocabulary(
    words={
        "delivery": """liefer*, geliefert*, *lieferung, *lieferungen, anlieferung, ausgeliefert, nachgeliefert,
            lieferant, versand*, versenden, versandt, verschickt, verschicken, zusteller, zustell*, zugestellt,
            sendung, bote, paketbote, kurier*, dhl, hermes, dpd, gls, =ups, pünktlich, unpünktlich, rechtzeitig,
            verspät*, verspätung, zu spät, =spät, spät geliefert, noch nicht ~ da, noch nichts da, noch nicht
            erhalten, nie ~ erhalten, nie bekommen, nie angekommen, schnell da, schon da, warte ~ auf meine
            bestellung, warte noch auf ~ bestellung, warte ~ auf ~ ware, warte ~ auf ~ paket, wartezeit,
            sendungsverfolgung, schnell erhalten, ware ~ schnell, kam ~ tagen, kam ~ wochen, versandkosten,
            lieferkosten, beim nachbarn abgegeben, nachbarn abgegeben, verzöger*, kam erst, kam nie, nie da,
            versandkostenfrei, postbote, briefträger, nicht angekommen, schnell angekommen, spät angekommen,
            bestellung da, bestellung war da, gut angekommen, bis heute nicht ~ da, immer noch nicht da, immer noch
            nicht ~ erhalten, ewig gewartet, am nächsten tag bekommen, tag später da, verloren gegangen, verschollen,
            spedition, blitzschnell, kommt nicht an, kommt nie an, kommt ~ zu spät, kommen ~ zu spät, kommt
            pünktlich, kommen pünktlich, kam pünktlich, zugesandt, zugeschickt, zugesendet, zusendung, rausgeschickt,
            versendet, versende, expresslieferung, express, eilzustellung, lieferzeit, postzusteller, postbotin,
            zustellerin, paketdienst*, paketzusteller, lieferdienst*, paketmann, paketbotin, postmann, der fahrer,
            fahrerin, lieferfahrer, amazon logistics, gestern bestellt, heute bestellt, morgens bestellt, abends
            bestellt, mittags bestellt, montag bestellt, dienstag bestellt, mittwoch bestellt, donnerstag bestellt,
            freitag bestellt, samstag bestellt, sonntag bestellt, heute da, heute schon da, morgen da, schon heute
            da, montag da, dienstag da, mittwoch da, donnerstag da, freitag da, samstag da, vor ~ wochen bestellt,
            vor ~ tagen bestellt, vor ~ monaten bestellt, bestellt ~ immer noch, bestellt ~ noch nichts, am nächsten
            tag ~ da, nächsten tag da, tags darauf da, tag danach da, tag darauf da, innerhalb ~ tagen da, nach ~
            tagen da, nach ~ wochen da, nach ~ tagen bei mir, war ~ tagen bei mir, schnell bei mir, schnell hier,
            über nacht da, tag später bei mir, immer noch nichts da, immer noch nichts gekommen, noch nichts
            gekommen, noch nichts angekommen, noch nicht gekommen, nichts gekommen, nie gekommen, nicht gekommen,
            kamen nicht, nichts angekommen, nicht bei mir an, nie bei mir an, nicht eingetroffen, eingetroffen, nie
            eingetroffen, trifft ~ ein, traf ~ ein, wo bleibt, wo ist ~ paket, wo ist ~ bestellung, paket ~ weg,
            paket ~ verschwunden, paket ~ verloren, bestellung ging verloren, vor der tür, vor die tür, vor ~
            haustür, vor ~ haustüre, in den regen, treppenhaus, hausflur, bis in die wohnung, in den vierten stock,
            nicht geklingelt, ohne zu klingeln, den ganzen tag ~ gewartet, früher als ~ angekündigt, später als
            angekündigt, später als versprochen, später als angegeben, früher als erwartet, angekündigten termin,
            express bestellt, termin ~ eingehalten, termin nicht eingehalten, ware ~ pünktlich, sachen ~ schnell da,
            kam ~ flott, kam prompt, kam zügig, kam innerhalb, kam am nächsten, kam ~ nächsten tag, kam rechtzeitig,
            kam viel zu spät, kamen schnell, falsch zugestellt, als zugestellt, angeblich zugestellt, in zustellung,
            sendungsnummer, sendungsstatus, paketnummer, lieferstatus, live tracking, postweg, zollgebühren, zollamt,
            kam ~ heil ~ an, kam ~ unversehrt ~ an, kam ~ verpackt an, kamen ~ verpackt an, kam ~ zustand an, kamen ~
            zustand an, kam ~ tagen an, kam ~ wochen an, bis heute nix, noch nix gesehen, noch nichts gesehen, nix
            angekommen, noch nix da, noch nix angekommen, nix gekommen, immer noch keine ware, noch immer keine ware,
            noch keine ware, noch immer nichts, noch immer nicht da, noch immer nicht ~ da, noch immer nicht ~
            erhalten, immer noch kein paket, noch kein paket, kein paket, kein päckchen, keine sendung, sollte ~
            ankommen, sollte ~ geliefert, hätte ~ ankommen sollen, über den zaun, einfach abgestellt, einfach
            hingestellt, einfach hingeworfen, briefkasten, bis heute nichts ~ erhalten, bis heute nichts ~ bekommen,
            bis heute nichts da, bis heute nichts angekommen, wo bleibt ~ bestellung, wo ist meine ware, wo ist meine
            sendung, =kam in drei, =kam in zwei, =kam in mehreren, =kamen in, durch den zoll, beim zoll, =kam nicht
            an, =kam nicht ~ an, =kam leider nicht, tagen war ~ da, tagen schon da, tagen ~ da, tag war ~ da, tagen
            bei mir, tage war ~ da, wann kommt ~ bestellung, wann kommt ~ paket, wann kommt ~ ware, noch nicht da,
            nicht rechtzeitig, liferung, lieferug, lieverung, leiferung, lifern, logistik, schon in der hand, wann es
            ankommt, wann ~ ankommt, wann ~ geliefert, pünktlichkeit, =kam ~ schnell, =kamen ~ schnell, kommt ~
            schnell an, kommen ~ schnell an, immer noch nichts erhalten, immer noch nichts bekommen, trackingnummer,
            schnell bekommen, tag früher""",
        "delivery_options": """packstation*, abholung, abholen, abhol*, abgeholt, paketshop*, abholpunkt*, filiale,
            beim nachbarn abgegeben, nachbarn abgegeben, wunschtermin*, wunschtag*, wunschort*, zeitfenster*,
            liefertermin*, lieferzeitfenster, lieferadresse, andere adresse, anderen adresse, falsche adresse,
            adresse ~ ändern, adresse ~ geändert, anderer tag, anderen tag, abendlieferung, ablageort, postfiliale,
            click and collect, beim nachbar*, bei ~ nachbar*, zum nachbar*, an ~ nachbar*, samstagszustellung,
            samstags ~ geliefert, packstation, paketbox, paketkasten, paketschließfach, lieferort,
            abstellgenehmigung, abstellort, wunschzeit*, wunschlieferung, liefertag, lieferfenster, lieferzeitraum,
            lieferung ~ verschieben, umleiten, umgeleitet, paketstation, expressversand, lieferoption*,
            versandoption*, versandart*, im laden abholen, lieferanschrift, paketladen, selbst abholen, selber
            abholen, postamt, samstags liefer*, am samstag geliefert, abends liefer*, abends geliefert, lieferung
            am abend, lieferung am wochenende, am samstag wäre, samstag wäre, auch samstags, auch am samstag""",
        "packaging": """verpack*, *verpackung, *verpackungen, *verpackungsmüll, eingepackt, umverpackung,
            luftpolster*, geschenkverpackung, zu viel plastik, viel plastik, zersplittert, polsterung, scherben,
            paket ~ kaputt, pakete ~ kaputt, paket ~ offen, paket ~ aufgerissen, zugeklebt, verbeult, tüte,
            kartonage*, füllmaterial, stopfmaterial, polstermaterial, luftkissen, styropor*, plastikmüll,
            plastikfolie, plastiktüte*, plastikverpackt, knallfolie, packpapier, packmaterial, seidenpapier,
            zeitungspapier, klebeband, karton ~ zu groß, karton ~ viel zu, karton ~ riesig, riesiger karton,
            riesigen karton, riesen karton, riesenkarton, großer karton, großen karton, großes paket, riesiges
            paket, riesenpaket, kartons in, karton im karton, paket im paket, viel zu große* karton, viel zu großen
            karton, viel zu großes paket, karton ~ kaputt, karton ~ offen, karton ~ nass, karton ~ durchnässt,
            karton ~ aufgeweicht, karton ~ eingerissen, karton ~ zerfetzt, karton ~ beschädigt, paket ~ nass, paket
            ~ durchnässt, paket ~ geöffnet, paket ~ zerfetzt, paket ~ beschädigt, pakete ~ beschädigt, paket ~
            zerrissen, so viel müll, viel müll, unnötig viel müll, so viel karton, viel papier, viel luft im, nur
            luft, versandtasche, versandtüte, umschlag, briefumschlag, luftpolster, mogelpackung, transportschaden,
            transportschäden, ausgelaufen, ausgelaufene, ausgekippt, verschüttet, siegel, versiegelt, karton ~ halb
            leer, lieblos verpackt, originalkarton, originalverpackt, geschenkpapier, geschenkkarton, geschenkbox,
            eingewickelt, eingeschweißt, kam ~ beschädigt ~ an, kam ~ zerbrochen ~ an, kam ~ verbeult ~ an, kam ~
            offen ~ an, kam ~ aufgerissen ~ an, kam ~ zerdrückt ~ an, kam ~ eingedrückt ~ an, kam ~ ausgelaufen ~
            an, kam ~ nass ~ an, kam ~ durchnässt ~ an, kam ~ geöffnet ~ an, kam ~ zerrissen ~ an, kam ~ zerstört ~
            an, kam ~ verbogen ~ an, kam ~ geknickt ~ an, kam ~ geschmolzen ~ an, kam in ~ scherben ~ an, heil
            geblieben, nicht gepolstert, schlecht gepolstert, kaum gepolstert, gut gepolstert verpackt, in plastik,
            reingeworfen, hineingeworfen, reingeschmissen, in eine kiste geworfen, lose im karton, lose im paket,
            im paket verteilt, im karton verteilt, im ganzen paket, im ganzen karton, verpakung, verpackug,
            zerfleddert, zerfetzt, plastik gehüllt""",
        "completeness": """vollständig, unvollständig*, komplett geliefert, nicht komplett, fehlende, falscher
            artikel, falschen artikel, falsche artikel, falsches produkt, falsche produkt, falsche ware, falsche
            größe, falsche farbe, falsches modell, falsche bestellung, falsch geliefert, falsch geschickt, falsch
            verschickt, falschlieferung, falsche* ~ geliefert, falsches ~ geliefert, falscher ~ geliefert, falscher
            artikel geliefert, falsche artikel geliefert, falschen artikel geliefert, falsche ware geliefert,
            artikel im karton, teillieferung*, teil der bestellung, hälfte der bestellung, nur ein teil, was ich
            bestellt, wie bestellt, was ich ~ bestellt, alles dabei, alles drin, fehler ~ bestellung, verwechselt,
            zu wenig geliefert, alles komplett, teile ~ gefehlt, teil ~ fehlt, teile ~ fehlen, teile ~ fehlten,
            nicht dabei, lag nicht bei, nicht enthalten, ohne ladekabel, war nicht drin, nicht im karton, zu wenig
            im, hälfte ~ bekommen, nur die hälfte, doppelt geliefert, doppelt geschickt, anleitung fehlt, anleitung
            fehlte, ohne anleitung, schrauben fehlten, schrauben fehlen, nicht bestellt habe, nicht bestellt hatte,
            gar nicht bestellt, nie bestellt, nicht das bestellte, nicht das was ich bestellt, etwas anderes
            bekommen, was anderes bekommen, was anderes bestellt, etwas anderes bestellt, was anderes geschickt,
            was anderes geliefert, etwas anderes geliefert, ganz was anderes, was komplett anderes, anderen artikel
            bekommen, statt ~ bekommen, statt ~ geliefert, anstatt ~ bekommen, anstatt ~ geliefert, statt ~
            geschickt, falsche* ~ bekommen, falsches ~ bekommen, falschen ~ bekommen, falscher ~ bekommen, falschen
            ~ geschickt, falsche ~ geschickt, falsches ~ geschickt, falschen ~ erhalten, falsche ~ erhalten,
            falsches ~ erhalten, falsches teil, falsche teile, falschen teile, falsches paket, falsche lieferung,
            falsche sorte, falsche menge, falsche stückzahl, falsche anzahl, falsche version, falschen größe,
            falschen farbe, in der falschen, zweimal das gleiche, zweimal der gleiche, zweimal derselbe, zwei
            gleiche, zwei linke, zwei rechte, doppelt dabei, doppelt drin, doppelt bekommen, doppelt erhalten, war
            alles drin, alles vorhanden, alles enthalten, alles beisammen, nichts gefehlt, nichts fehlte, nix
            gefehlt, nichts vergessen, nix vergessen, wurde vergessen, wurden vergessen, habt ~ vergessen, haben ~
            vergessen ~ beizulegen, vergessen beizulegen, vergessen mitzuschicken, vergessen einzupacken, nicht
            mitgeliefert, nicht mitgeschickt, nicht beigelegt, mitgeliefert, lag nicht ~ bei, liegt nicht bei,
            waren nicht dabei, war nicht dabei, nicht mit dabei, war nicht mit drin, nicht drin, nicht drinnen,
            schraube ~ fehlen, schrauben ~ fehlten, schrauben ~ fehlen, schrauben ~ zu wenig, teil ~ fehlte, teil ~
            gefehlt, zubehör ~ fehlte, zubehör ~ fehlt, zubehör fehlt, kabel fehlt, kabel fehlte, netzteil fehlt,
            netzteil fehlte, ladekabel fehlte, ladekabel fehlt, deckel fehlt, deckel fehlte, ein artikel fehlte,
            ein artikel fehlt, artikel fehlt, artikel fehlte, artikel fehlten, artikel fehlen, ein stück fehlt,
            stück fehlte, stück gefehlt, hat eins gefehlt, hat einer gefehlt, nur ~ stück bekommen, nur ~ stück
            geliefert, nur eins bekommen, nur eine bekommen, nur einen bekommen, nur einer drin, nur eins drin, nur
            eine drin, nur ~ drin, nur ~ statt, nur ~ von ~ geliefert, unvollständig, inkomplett, leerer karton,
            leeres paket, leere packung, karton war leer, karton leer, paket war leer, ohne schrauben, ohne
            zubehör, ohne batterien, keine anleitung, keine bedienungsanleitung, keine aufbauanleitung, keine
            schrauben, anleitung ~ nicht dabei, aufbauanleitung fehlt, bedienungsanleitung fehlt, nachlieferung,
            richtige artikel, richtigen artikel, vertauscht, bestellte menge, restlieferung, zweiter teil der
            bestellung, rest der bestellung, rest ~ bestellung, in einzelteilen, kam ~ leer ~ an, kam ~
            unvollständig ~ an, statt ~ kam, anstatt ~ kam, statt der ~ kam, statt dem ~ kam, statt des ~ kam,
            lieferung war komplett, lieferung komplett, sendung war komplett, bestellung war komplett, ware
            komplett, was ganz anderes, etwas ganz anderes, etwas völlig anderes, was anderes drin, zu wenig drin,
            buch zu wenig, stück zu wenig, teil zu wenig, teile zu wenig, stück zu viel, eins zu wenig, einer zu
            wenig, anderes modell ~ bekommen, anderes modell ~ geliefert, anderes modell ~ geschickt, anderes
            modell ~ erhalten, anderes produkt ~ bekommen, anderes produkt ~ geliefert, anderes produkt ~
            geschickt, anderes produkt ~ erhalten, anderer artikel ~ bekommen, anderer artikel ~ geliefert, anderer
            artikel ~ geschickt, anderer artikel ~ erhalten, anderen artikel ~ bekommen, anderen artikel ~
            geliefert, anderen artikel ~ geschickt, anderen artikel ~ erhalten, lieferung ~ unvollständig, sendung
            ~ unvollständig, bestellung ~ unvollständig, lieferung nicht vollständig, lieferung war nicht
            vollständig, bestellung nicht vollständig, fremde sachen, fremder lieferschein, fremde bestellung, ein
            ganz anderes, ganz anderes produkt, ganz anderer artikel, ganz anderen artikel, bestellung stimmte,
            bestellung korrekt, bestellung war korrekt, bestellung war richtig, bestellung stimmt, richtig
            geliefert, korrekt geliefert, korrekte lieferung, größe ~ bestellt ~ erhalten, größe ~ bestellt ~
            bekommen, größe ~ bestellt ~ geliefert, farbe ~ bestellt ~ bekommen, farbe ~ bestellt ~ erhalten, nur
            linke, nur rechte, nur ein schuh, nur einen schuh, teil kam nie, teil kam nicht, falsche teil, falsches
            buch, falsche buch, falsches kleid, falschen schuhe, falsche schuhe, falsches spiel, falsche
            artikelnummer, nicht die richtige größe bekommen, nicht das richtige bekommen, gar nicht dabei,
            angekommen ist ~ nur, angekommen sind ~ nur, gekommen ist ~ nur, gekommen sind ~ nur""",
        "stock": """ausverkauft*, vergriffen, vorrätig, lieferbar, nicht lieferbar, auf lager, lagerbestand,
            verfügbar, nicht verfügbar, verfügbarkeit, storniert*, stornierung, storno, nicht mehr erhältlich, in
            meiner größe, meine größe ~ ausverkauft, größe ~ ausverkauft, größe ~ nicht verfügbar, größe ~
            vergriffen, nicht mehr zu haben, nicht mehr bestellbar, nirgends mehr, nicht vorrätig, nicht auf lager,
            nicht am lager, am lager, nicht im bestand, nachbestellt werden, nachbestellbar, nicht mehr
            nachbestell*, nicht mehr bestellen, nicht mehr im sortiment, aus dem sortiment genommen, nicht mehr im
            programm, nicht mehr hergestellt, nicht mehr produziert, nicht mehr zu bekommen, nicht mehr bekommen
            kann, wieder verfügbar, wieder lieferbar, wieder reinkommt, wieder reinkommen, wieder rein kommt,
            wieder auf lager, restposten, schon weg, schon vergriffen, warteliste, vorbestell*, nachschub,
            lieferengpass*, lieferengpässe, engpass, bestellung ~ gecancelt, gecancelt, bestellung gestrichen,
            einfach storniert, nicht da in, größe ~ nie da, größe ~ immer weg, größe ~ weg, größe nicht da, größen
            ~ weg, m ist ~ weg, im shop bestellbar, bestellbar, lieferrückstand, größe ~ lieferbar, größe ~
            verfügbar, größe ~ nicht da, farbe ~ ausverkauft, farbe ~ nicht verfügbar, farbe ~ vergriffen, farbe ~
            lieferbar, wann gibt ~ wieder, wann gibts ~ wieder, wann kommt ~ wieder, wann ist ~ wieder, wieder in
            größe, wieder in meiner größe, nur noch größe*, ständig =leer, regale leer, bestand mehr, kein bestand,
            bestellung ~ abgesagt, bestellung wurde abgesagt, nur noch große größen, nur noch kleine größen, nicht
            mehr führ*, stornieren, stornierte, wird nicht mehr angeboten, nicht mehr angeboten, nicht mehr
            geführt, gabs nicht mehr, gab es nicht mehr, gibts nicht mehr, gibt es nicht mehr, gibt es leider nicht
            mehr, gibts leider nicht mehr""",
        "choice": """auswahl*, *auswahl, sortiment*, *sortiment, angebotspalette, produktpalette, vielfalt, vielfältig*,
            kollektion, reichhaltig*, für jeden etwas, findet jeder, alles was man braucht, große größen, großen
            größen, kleine größen, =marken, großes angebot, breites angebot, riesiges angebot, vielfältiges angebot,
            umfangreiches angebot, vielseitiges angebot, größeres angebot, kleines angebot, mageres angebot, angebot
            an, riesenangebot, großem angebot, großen angebot, warenangebot, produktangebot, produktvielfalt,
            produktauswahl, markenvielfalt, farbauswahl, größenauswahl, auswahlmöglichkeit*, gut sortiert, gut
            sortierter, bestens sortiert, schlecht sortiert, breit gefächert, breites spektrum, große bandbreite,
            modellauswahl, so gut wie nichts für, nichts für mich dabei, nichts für mich gefunden, nichts passendes,
            nix passendes, nichts gefunden, nix gefunden, immer was passendes, immer etwas passendes, finde immer
            was, finde immer etwas, findet man immer, man findet immer, finde ich immer, immer fündig, fündig
            geworden, fündig, finde alles, findet man alles, man findet alles, alles gefunden, gibt es alles, bekommt
            man alles, alles aus einer hand, alles unter einem dach, alles was das herz begehrt, was das herz
            begehrt, alles was man, alles was ich suche, führt alles, führen alles, mehr farben, mehr modelle, mehr
            sorten, mehr varianten, mehr produkte, mehr artikel, mehr für männer, mehr für damen, mehr für kinder,
            mehr für herren, nur in schwarz, gibt es nur in, gibts nur in, gibt es nicht in, gibts nicht in, weitere
            farben, in vielen farben, verschiedene farben, verschiedenen farben, verschiedene modelle, verschiedene
            produkte, verschiedene sorten, viele sorten, viele modelle, viele produkte, viele verschiedene, viele
            artikel, so viele tolle, so viele schöne, viele schöne sachen, viele tolle sachen, viele marken,
            unterschiedliche produkte, für linkshänder, habt ihr ~ nichts, habt ihr kaum, gibts bei euch, gibt es bei
            euch, nehmt ~ auf, ins sortiment, ins programm, übergrößen, untergrößen, zwischengrößen, neue artikel,
            neue produkte, neuheiten, außergewöhnliche sachen, was man sonst nirgends, sonst nirgends, sonst
            nirgendwo, nirgendwo sonst, nix für große, nichts für große, nichts für kleine, nichts für männer, nichts
            für frauen, nichts für damen, nichts für herren, nichts für kinder, nichts für ältere, nichts für
            mollige, kaum etwas für, kaum was für, wenig auswahl für, produkte ~ aufnehmen, mit aufnehmen, fehlt im
            sortiment, kaum auswahl, mehr =größen, es gibt viel zu wenig, viel zu wenig für, gibt es kaum, gibts
            kaum, gibt es zu wenig, führt leider, führt ihr, lieblingsmarke*, zum stöbern, stöbern, fehlt an ~
            größen, übergröße, für herren ~ wenig, für herren ~ kaum, für herren ~ nichts, für herren ~ nix, für
            männer ~ wenig, für männer ~ kaum, für männer ~ nichts, für männer ~ nix, für damen ~ wenig, für damen ~
            kaum, für damen ~ nichts, für damen ~ nix, für frauen ~ wenig, für frauen ~ kaum, für frauen ~ nichts,
            für frauen ~ nix, mehr für frauen, für kinder ~ wenig, für kinder ~ kaum, für kinder ~ nichts, für kinder
            ~ nix, für jungs ~ wenig, für jungs ~ kaum, für jungs ~ nichts, für jungs ~ nix, mehr für jungs, für
            mädchen ~ wenig, für mädchen ~ kaum, für mädchen ~ nichts, für mädchen ~ nix, mehr für mädchen, für
            senioren ~ wenig, für senioren ~ kaum, für senioren ~ nichts, für senioren ~ nix, mehr für senioren, für
            hunde ~ wenig, für hunde ~ kaum, für hunde ~ nichts, für hunde ~ nix, mehr für hunde, für katzen ~ wenig,
            für katzen ~ kaum, für katzen ~ nichts, für katzen ~ nix, mehr für katzen, für jeden geschmack, für jeden
            was, für jeden was dabei, fehlt die marke, marke fehlt, marken fehlen, fehlt ~ marke, es fehlen ~ marken,
            in großen größen, in kleinen größen, mehr abwechslung, große vielfalt, wenig vielfalt, findet ~ alles,
            alles findet""",
        "quality": """qualität*, *qualität, qualitativ, hochwertig*, minderwertig*, verarbeitet, verarbeitung,
            verschleiß, abgenutzt, verschlissen, material, materialien, stoff, stoffe, leder, hauchdünn, haltbar*,
            langlebig, wirkt ~ billig, sieht billig aus, fühlt sich ~ billig, billig verarbeitet, ramsch, schrott,
            geht nicht an, ging nicht an, löst sich, lösen sich, gelöst hat sich, eingelaufen, eingegangen,
            verwaschen, ausgewaschen, verblasst, abgefärbt, färbt ab, bequem*, gemütlich, =weich, =weiche, =weicher,
            kuschelig, angenehm zu tragen, tragekomfort, naht, riecht, geruch, stinkt, duft, duftet, geschmack,
            schmeckt, hält ~ lange, hält nicht, hielt nicht, gutes produkt, tolles produkt, super produkt, schlechtes
            produkt, produkt ist gut, produkt ist super, tolle ware, gute ware, schlechte ware, fälschung, kuhle,
            durchgelegen, wackelig, undicht, flecken, gerissen, abgebrochen, bricht, brach, abgegangen, ausgeleiert,
            kratzt, rost, rostet, wasserdicht, klappert, quietscht, unbequem, sohle, reißverschluss, geht auf,
            verformt, schlampig, gibt den geist auf, geist aufgegeben, nicht ~ original, qualität passt, top artikel,
            guter artikel, toller artikel, super artikel, schöner artikel, gute artikel, tolle artikel, artikel ist
            gut, tolle produkte, gute produkte, super produkte, schöne produkte, top produkt, top produkte, top ware,
            super ware, produkt ~ okay, produkt ~ gut, produkt ~ in ordnung, hält was, hält ~ was ~ verspricht,
            funktional, unbrauchbar, akku, wirkt gut, fusselt, fusseln, knötchen, pilling, löchrig, abgerissen,
            ausgefranst, läuft ein, lief ein, wertig, wertigkeit, atmungsaktiv, wärmt, materialfehler,
            verarbeitungsfehler, produktmangel, verschnitten, abnutzung, gebrauchsspuren, einfach aufzubauen, leicht
            aufzubauen, reißt, formstabil, produkte =sind, =nähte, =nähten, vernäht, genäht, schlecht genäht,
            schlecht verarbeitet, gut verarbeitet, sauber verarbeitet, qualitativ*, qualitäten, top quali, quali,
            billiges plastik, billigplastik, billigem plastik, billiger plastik, plastikschrott, plastikding*,
            billigware, billigprodukt, billigschrott, chinaware, chinaschrott, billigkram, billig gemacht, billig
            hergestellt, billig produziert, wirkt billig, fühlt sich billig, billig an, billig aus, sehr billig
            verarbeitet, klapprig*, wackelige*, wacklig*, instabil*, labberig*, labbrig*, lappig, schwammig, klobig,
            brüchig, spröde, morsch, fällt auseinander, fallen auseinander, fiel auseinander, auseinandergefallen,
            auseinander gefallen, aus dem leim, kaputtgegangen, kaputtgeht, kaputtgehen, zerfällt, zerfallen,
            zerfiel, bröckelt, bröselt, blättert, abgeblättert, abplatzt, abgeplatzt, platzt ab, löst sich ~ auf,
            löste sich, abgefallen, fällt ab, fiel ab, fallen ab, abgelöst, ging auf, geplatzte naht, verkratzt,
            verrostet, angerostet, rostig*, rostfrei, läuft an, oxidiert, ausgeblichen, bleicht aus, verbleicht,
            farbecht, verfärbt, abgerieben, ausgefallen nach, ausfallerscheinung*, durchgescheuert, durchgelaufen,
            aufgeribbelt, ribbelt, franst, ausgedehnt, labbert, dehnt sich, leiert aus, leiert, verliert ~ form, form
            verloren, aus der form, nach ~ waschen, nach der wäsche, nach ~ wäsche, waschgang, wäschen,
            waschmaschine, waschbar, pflegeleicht, bügelfrei, knittert, filzt, verfilzt, haart, durchsichtig,
            blickdicht, kratzig, fusselig, weichheit, flauschig, kuschelweich, hautfreundlich, hautverträglich,
            ausschlag, juckreiz, allergische reaktion, allergisch, hautreaktion, haut reagiert, brennt auf,
            verträglich, nebenwirkung*, schlecht geworden, stinken, müffelt, muffig, muffiger, chemisch,
            chemiegeruch, chemiekeule, geruchsneutral, geruchlos, riechen, duften, geschmacklich, geschmacklos,
            schmecken, lecker*, köstlich*, ungenießbar, versalzen, zu süß, verdorben, verschimmelt, schimmel*,
            ranzig, vertrocknet, verwelkt, verwelkte, welk, mindesthaltbarkeit*, mhd, haltbarkeitsdatum, haltbarkeit,
            gammelig, matschig, altbacken, keine wirkung, ohne wirkung, wirkungslos, wirkt nicht, wirken nicht, wirkt
            super, wirkt toll, wirkt sehr gut, wirkt wunder, wirkt sofort, hilft nicht, hilft wirklich, hilft super,
            hilft sehr gut, null wirkung, keinen effekt, kein effekt, zieht gut ein, zieht schnell ein, zieht nicht
            ein, klebrig, pickel, trocknet ~ aus, deckkraft, inhaltsstoffe, akkulaufzeit, akkuleistung, batterie ~
            leer, akku ~ leer, saugkraft, saugleistung, leistung ~ schwach, leistungsstark, klang, klangqualität,
            tonqualität, bildqualität, rauscht, pfeift, brummt, überhitzt, wird heiß, wird warm, kurzschluss,
            leuchtet nicht, hakelig, klemmt, verklemmt, verstopft, tropft, läuft aus, lief aus, undichte, nicht
            dicht, ausgelaufen nach, verbindet sich nicht, aufgegeben nach, ging kaputt, geht kaputt, gehen kaputt,
            gingen kaputt, kaputt gegangen, kaputt gehen, nach ~ benutzung, nach ~ gebrauch, beim ersten gebrauch,
            nach ~ benutzen, nach ~ tragen, beim ersten tragen, einmal getragen, einmal benutzt, hält ~ nicht, hält
            gut, hält super, hält bombenfest, hält ewig, hält bisher, halten gut, halten nicht, hält schon, hielt
            nur, hielt gerade, hielt keine, hält keine, lange gehalten, nicht lange gehalten, lebensdauer,
            strapazierfähig, unverwüstlich, unkaputtbar, belastbar, massivholz, sauber gearbeitet, gut gearbeitet,
            schön gearbeitet, liebevoll gearbeitet, handgearbeitet, gefertigt, murks, pfusch, tinnef, plunder,
            kernschrott, müll gekauft, b ware, mangelware, gebrauchtware, gebrauchte ware, nicht neu, war gebraucht,
            bereits benutzt, schon benutzt, schon getragen, fingerabdrücke, benutzt aus, gebraucht aus, getragen aus,
            zweite wahl, druckfehler, rechtschreibfehler, tippfehler, fehldruck, produktionsfehler,
            fabrikationsfehler, konstruktionsfehler, fertigungsfehler, montagsgerät, montagsprodukt, funktionsfähig,
            funktionstüchtig, nicht funktionsfähig, funktionslos, funktionsweise, ohne funktion, untauglich, macht
            was es soll, macht was er soll, macht was sie soll, macht genau was, tut was es soll, tut was er soll,
            tut was sie soll, erfüllt seinen zweck, erfüllt ihren zweck, erfüllt den zweck, erfüllt ~ zweck,
            zweckmäßig, zweck erfüllt, leichte bedienung, einfache bedienung, leicht zu bedienen, einfach zu
            bedienen, bedienbar, kompliziert aufzubauen, schwer aufzubauen, schnell aufgebaut, schnell aufzubauen,
            leicht aufgebaut, einfach aufgebaut, problemlos aufgebaut, schnell zusammengebaut, leicht
            zusammenzubauen, einfach zusammenzubauen, einfache montage, leichte montage, einfacher aufbau, leichter
            aufbau, aufbau ist, aufbau war, beim aufbau, beim zusammenbau, aufbau ~ stunden, montageanleitung,
            anleitung unverständlich, anleitung verständlich, anleitung ~ schlecht, bohrlöcher, bohrungen, passen ~
            zusammen, passt ~ zusammen, passen ~ aufeinander, passte ~ zusammen, löcher passen, schrauben passen,
            vorgebohrt, liegt gut in der hand, liegt ~ in der hand, sitzkomfort, schlafkomfort, liegekomfort, liegt
            sich, sitzt sich, man sitzt, sitzt man, schläft man, man schläft, zu hart, zu weich, durchgesessen,
            matratze ~ hart, wärmen, hält warm, hält ~ warm, hält kalt, halten warm, wasserabweisend, hält dicht,
            winddicht, atmungsaktive, schwitzt, trägt sich, tragegefühl, angenehm auf der haut, fühlt sich gut an,
            fühlt sich ~ an, haptik, griffig, saugfähig, scharfe klingen, schneidet gut, schneidet nicht,
            messerscharf, gut ausbalanciert, tolles teil, gute sachen, super sachen, schlechte produkte, produkt ist
            schlecht, produkt ist top, produkt ist toll, produkt ist klasse, produkt top, produkt super, produkt
            klasse, artikel top, artikel super, artikel ist top, artikel ist super, artikel ist toll, artikel in
            ordnung, artikel einwandfrei, produkt einwandfrei, ware top, ware super, ware einwandfrei, ware in
            ordnung, ware ist gut, ware ist top, ware gut, ware ok, ware okay, klasse ware, klasse produkt, klasse
            produkte, klasse artikel, spitzen produkt, spitzenprodukt, spitzenqualität, hervorragendes produkt, sehr
            gutes produkt, perfektes produkt, bestes produkt, einwandfreie ware, super teil, wackelt, gestank, juckt,
            anleitung ~ unverständlich, anleitung ~ verständlich, anleitung ~ katastrophe, wackelt, geht ständig aus,
            ging sofort kaputt, sehr laut, zu laut, extrem laut, allergie, vertrage ~ nicht, kam ~ kaputt ~ an, kam ~
            defekt ~ an, kaputt bei mir an, defekt bei mir an, kaputt bekommen, kaputt angekommen, defekt angekommen,
            passen nicht zusammen, passen gar nicht zusammen, passen überhaupt nicht zusammen, passen nicht
            aufeinander, passt nicht zusammen, passt nicht aufeinander, passen leider nicht zusammen, kam ~ nicht
            funktionsfähig ~ an, kam ~ zerkratzt ~ an, =billige, =billiges, geht ~ nicht mehr an, ging ~ nicht mehr
            an, springt nicht an, aufbau ~ kinderleicht, montage ~ kinderleicht, letzten seite, ersten seite, letzte
            seite, erste seite, eine seite, linken seite, rechten seite, linke seite, rechte seite, geht nach ~ nicht
            mehr, =abgelaufenes, lose schrauben, lose fäden, flackert, flackern, blinkt ständig, saugt nicht, saugt
            kaum, saugt überhaupt, saugt gut, saugt super, saugt nichts, heizt nicht, heizt kaum, heizt gut, kühlt
            nicht, kühlt gut, kühlt kaum, klebt nicht, klebt super, klebt gut, haftet nicht, haftet gut, haftet kaum,
            haftet schlecht, reinigt gut, reinigt nicht, reinigt super, reinigt gründlich, druckt nicht, druckt gut,
            dreht sich nicht, schließt schlecht, schließt nicht richtig, mäht nicht, mäht gut, pumpt nicht, misst
            falsch, misst ungenau, misst nicht, ungenau, geht dauernd aus, wird sehr heiß, wird zu heiß, wird extrem
            heiß, wird schnell heiß, bildschirm ~ schwarz, bildschirm ~ dunkel, bildschirm ~ kaputt, lädt mein handy,
            lädt das handy, lädt mein ~ nicht, lädt sehr langsam, farbe ~ raus, farbe ~ ab, farbe hält, farbe
            blättert, null gebracht, nichts gebracht, nix gebracht, hat nicht geholfen, hat nichts geholfen, keine
            besserung, keine verbesserung, gab ~ den geist auf, gab ~ geist, gibt ~ geist auf, hat ~ geist, rauchte
            ab, abgeraucht, durchgebrannt, schmort, verschmort, geschmolzen, sicherung raus, motor ~ laut, leicht zu
            montieren, schwer zu montieren, leicht zu installieren, einfach zu installieren, schwer zu installieren,
            einfach anzubringen, leicht anzubringen, leicht zu handhaben, einfache handhabung, leichte handhabung,
            leicht zu reinigen, einfach zu reinigen, lässt sich gut reinigen, gute verarbeitung, ergonomisch,
            alltagstauglich, sehr zufrieden mit dem produkt, mit dem produkt ~ zufrieden, mit dem artikel ~
            zufrieden, mit der ware ~ zufrieden, kam nicht ~ zurecht, hochwertige*, edles, nicht zu gebrauchen, nicht
            zu benutzen, unbenutzbar, nicht nutzbar, nicht brauchbar, qualität sieht anders aus, kontakt mit wasser,
            habe mich geschnitten, mich daran geschnitten, scharfe kanten, scharfkantig, entgratet, saugstark,
            saugkräftig, leistungsfähig, frisst ~ nicht, fressen ~ nicht, rührt ~ nicht an, verbindung bricht,
            verbindung ~ ab, verbindungsabbrüche, verbindungsprobleme, vom produkt ~ überzeugt, vom produkt ~
            begeistert, vom produkt ~ enttäuscht, von dem produkt ~ überzeugt, von dem produkt ~ begeistert, von dem
            produkt ~ enttäuscht, von diesem produkt ~ enttäuscht, von diesem produkt ~ begeistert, keinen
            unterschied, keinerlei wirkung, wirkt ~ nicht, wirken ~ nicht, rutschfest, rutscht weg, kippt um,
            kippelt, standfest, kippsicher, hält ~ stand, spülmaschinenfest, spülmaschinengeeignet, kratzfest,
            bruchsicher, stoßfest, läuft rund, läuft ~ nicht mehr, läuft einwandfrei, läuft ruhig, läuft heiß,
            fleckig, verdreckt, dreckig, schmutzig, verschmutzt, verklebt, verstaubt, fäden, fadenscheinig, faden
            gezogen, zieht fäden, laufmasche*, schlecht verklebt, schlecht gearbeitet, lieblos gemacht, lieblos
            verarbeitet, zu dünn, hält der belastung, nicht alltagstauglich, qualtität, qualitat, qualiät, qualtiät,
            quallität, kwalität, hochwertigkeit, reißfest, wasserfest, sehr leicht, ging ~ logo ab, verschleißt""",
        "fit": """passform, passgenau, fällt ~ klein, fällt ~ groß, fallen ~ klein, fallen ~ groß, fällt ~ aus, fallen ~
            aus, nummer größer, nummer kleiner, =größe, =größen, *größe, größentabelle, größenangabe,
            konfektionsgröße, zu klein, zu groß, zu eng, zu schmal, zu breit, farbe, farben, *farbe, farblich,
            farbabweichung, farbton, auf dem bild, auf dem foto, auf den bildern, wie auf ~ bild, wie auf ~ foto, vom
            foto, vom bild, wie abgebildet, abbildung, wie beschrieben, beschreibung, artikelbeschreibung,
            produktbeschreibung, entspricht ~ beschreibung, ärmel, ferse, drücken ~ ferse, hosenbein, taille, schmal,
            eng, weit geschnitten, drückt an, ärmellänge, beinlänge, hosenlänge, passgenauigkeit, passgenau*, falsche
            größe bestellt, größe bestellt, größer als, kleiner als, länger als, kürzer als, breiter als, maße,
            abmessungen, zwickt, rutscht, bund, saum, kragen, oberweite, entspricht ~ bild, entspricht ~ abbildung,
            entspricht ~ foto, anders als ~ bild, anders als ~ foto, wie angegeben, irreführend, hose ~ passt, jeans
            ~ passt, kleid ~ passt, rock ~ passt, schuh ~ passt, stiefel ~ passt, jacke ~ passt, mantel ~ passt,
            bluse ~ passt, hemd ~ passt, shirt ~ passt, pulli ~ passt, pullover ~ passt, größe ~ passt, bh ~ passt,
            slip ~ passt, bikini ~ passt, badeanzug ~ passt, ring ~ passt, teil ~ passt, sachen ~ passt, handschuhe ~
            passt, mütze ~ passt, socken ~ passt, hülle ~ passt, deckel ~ passt, sandalen ~ passt, sneaker ~ passt,
            kleidung ~ passt, anzug ~ passt, oberteil ~ passt, bezug ~ passt, leggings ~ passt, weste ~ passt, body ~
            passt, top ~ passt, unterwäsche ~ passt, artikel ~ passt, produkt ~ passt, ware ~ passt, passt perfekt,
            passt super, passt gut, passt genau, passt prima, passt wunderbar, passt toll, passt hervorragend, passt
            einwandfrei, passt optimal, passt ideal, passt bestens, passt kaum, passt wie, passt nicht, passt nur,
            passt auf, passt an, passt über, passt unter, passt um, passt hinten, passt vorne, passt vorn, passt mir,
            passt ihm, passt ihr, passt meinem, passt meiner, passt unserem, passt unserer, passt uns, passt exakt,
            passt nirgends, passt sehr, passt immer, passt sofort, passt hundertprozentig, passt tadellos, passt
            locker, passt ins, passt am, passt zum, =passen, nicht gepasst, hat gepasst, haben gepasst, nichts
            gepasst, nix gepasst, keins ~ gepasst, keine ~ gepasst, keines ~ gepasst, gepasst ~ nicht, perfekt
            gepasst, super gepasst, gut gepasst, genau gepasst, gepasst hat, gepasst haben, nicht passend, unpassend,
            passend ~ größe, passende größe, alles passt, passte nicht, passte perfekt, passte genau, passte super,
            passten nicht, passten perfekt, =passten, es passt, nicht passt, nicht passte, nicht passten, sie passt,
            die passen, schlecht sitzend, passform*, =sitzt, =sitzen perfekt, =sitzen gut, =sitzen super, =sitzen
            wie, =sitzen locker, =sitzen schlecht, =sitzen nicht, =sitzen eng, sitzt ~ locker, sitzt ~ eng, =schnitt,
            =schnitte, =geschnitten, =spannt, =spannte, zwickte, schuh ~ drücken, schuhe ~ drücken, stiefel ~
            drücken, sandalen ~ drücken, sneaker ~ drücken, bh ~ drücken, bund ~ drücken, drücken ~ zehen, drücken ~
            fuß, drückt am, drückt vorne, schneidet ein, schneiden ein, kneift, schlabbert, schlabberig, schlackert,
            fällt ~ riesig aus, nummer zu klein, nummer zu groß, größe zu klein, größe kleiner, größe größer, größe
            zu groß, nummern größer, nummern kleiner, viel zu klein, viel zu groß, viel zu eng, viel zu kurz, viel zu
            weit, viel zu breit, viel zu lang, zu knapp, zu stramm, zu locker, ärmel ~ zu kurz, ärmel ~ zu lang, hose
            ~ zu lang, hose ~ zu kurz, beine ~ zu lang, beine ~ zu kurz, zu kurz geraten, kommt nicht rein, komme
            nicht rein, geht nicht zu, ging nicht zu, geht kaum zu, größenberater, größenberatung, größen tabelle,
            größentabellen, größenangaben, größenrechner, maßtabelle, schuhgröße, kleidergröße, kleidergrößen,
            normalerweise m, normalerweise l, sonst immer m, trage sonst, trage normalerweise, trage eigentlich,
            maßangabe*, längenangabe, =gemessen, nachgemessen, ausgemessen, cm zu, cm kürzer, cm länger, cm weniger,
            cm kleiner, cm größer, cm schmaler, cm breiter, cm breit, cm hoch, cm tief, cm lang, statt ~ cm,
            figurbetont, steht mir, vorteilhaft, oversize, brustumfang, bauch ~ eng, waden, wade, gummibund,
            körbchen, farbunterschied*, farbnuance, farbtöne, falsch beschrieben, anders beschrieben, nicht wie
            beschrieben, wie ~ beschrieben, beschrieben war, ist beschrieben, war beschrieben, beschriebene*,
            angegeben war, anders als ~ beschrieben, anders als beschrieben, anders als angegeben, anders als
            gezeigt, anders als abgebildet, anders als dargestellt, anders als gedacht, anders vorgestellt, nicht das
            was beschrieben, nicht das was abgebildet, abgebildet, produktfoto*, produktbild*, artikelfoto*,
            artikelbild*, produktinfo*, produktinformation*, produktangaben, artikelangaben, auf bildern, auf den
            fotos, wie im bild, wie am bild, auf dem produktbild, vom bild her, bilder ~ täuschen, foto ~ täuscht,
            bild ~ täuscht, bild täuscht, fotos täuschen, in echt, in natura, in der realität, in wirklichkeit, in
            real, laut beschreibung, laut angabe, laut angaben, laut foto, laut bild, laut produktseite, laut
            website, falsche angabe*, falschen angaben, falsche beschreibung, angaben ~ falsch, angaben stimmen,
            angabe stimmt, stimmt nicht überein, stimmt ~ überein, stimmen ~ überein, übereinstimmung, nicht
            angegeben, wurde angepriesen, angepriesen, werbung verspricht, in der werbung, stand nicht dabei, steht
            nicht dabei, größer vorgestellt, kleiner vorgestellt, größer erwartet, kleiner erwartet, größer gedacht,
            kleiner gedacht, etwas anderes vorgestellt, was anderes vorgestellt, etwas anderes erwartet, was anderes
            erwartet, nicht das was ich wollte, nicht kompatibel, kompatibel, inkompatibel, da stand ~ breit, da
            stand ~ cm, da stand ~ größe, an der schulter, an den schultern, an der hüfte, an den hüften, um die
            hüfte, größe zu bestellen, wie beworben, falsch dargestellt, größe daneben, um eine nummer, eine größe
            größer, eine größe kleiner, passt überhaupt nicht, passt gar nicht, passt leider nicht, m gekauft, l
            gekauft, xl gekauft, =m wäre, =l wäre, =xl wäre, =s wäre, größer nehmen, kleiner nehmen, größer
            bestellen, kleiner bestellen, größer kaufen, kleiner kaufen, größer ausfallen, kleiner ausfallen, was
            ganz anderes erwartet, etwas ganz anderes erwartet, etwas völlig anderes erwartet, was ganz anderes
            vorgestellt, etwas ganz anderes vorgestellt, in der beschreibung, ganz anders aus, völlig anders aus,
            komplett anders aus, anders aus als, in echt anders, sieht anders aus, eher grün, eher blau, eher beige,
            eher grau, eher gelb, eher rosa, eher braun, eher lila, eher orange, eher rot, zu hell, zu dunkel, heller
            als, dunkler als, mehr größe gerechnet, größe gerechnet, größer aus, kleiner aus, wie auf der seite, wie
            auf der website, wie auf der webseite, wie auf der homepage, wie im shop, wie im internet, wie im
            katalog, obenrum, untenrum, eher ein s, eher eine s, eher eine m, eher eine l, sehr klein, ziemlich
            klein, recht klein, etwas klein, sehr groß, ziemlich groß, kleiner als erwartet, größer als erwartet,
            armlöcher""",
        "price": """=preis, =preise, =preisen, =preises, *preis, *preise, preislich, preiswert*, preisleistung,
            teuer, =teurer, =teuer, =teure, überteuert, günstig, günstiger, günstigen, billiger, zu billig,
            *kosten, versandkosten, kostet, rabatt*, *rabatt, reduziert, sonderangebot*, schnäppchen*, sale,
            schlussverkauf, geld wert, lohnt sich, rausgeschmissenes geld, erschwinglich, preis bezahlt, preis ~
            bezahlen, preis zu zahlen, wucher, abzocke, rücksendekosten, bezahlbar, spottbillig, geldverschwendung,
            portofrei, preisniveau, preisklasse, preis stimmt, preise sind, preis passt, preis ~ passt, preislage,
            preissteigerung, preiserhöhung, preisunterschied, preisvergleich, preiskracher, preisgünstig,
            preishammer, zu hoher preis, für das geld, fürs geld, für so viel geld, zu viel geld, so viel geld,
            weniger geld, ihr geld wert, sein geld wert, jeden cent, jeden euro, jeden cent wert, euro günstiger,
            euro billiger, euro teurer, euro mehr, euro weniger, euro versand, euro porto, euro zu viel, euros für,
            günstigste, günstigere, günstiges, teures, teuerste, teuren, teurem, zu teuer, sauteuer, schweineteuer,
            arschteuer, happig*, unverschämt teuer, kostspielig, unbezahlbar, billigste, billiger bekommen,
            spottpreis, schnapper, schnäppchen, mogelpreis, wucherpreis*, mondpreis*, apothekenpreis*, abzockerei,
            geldmacherei, halsabschneider, zahlt man mehr, zahlt man drauf, mehr zahlen, mehr bezahlt, mehr
            gezahlt, zu viel bezahlt, zu viel gezahlt, viel bezahlt, viel zu zahlen, draufzahl*, draufgezahlt,
            selber zahlen, selbst zahlen, selber bezahlen, selbst bezahlen, selbst tragen, selber tragen, zahlen
            muss, zahlen müssen, zahlt man ~ versand, zahlen ~ versand, bezahlen ~ versand, versand ~ bezahlen,
            versand ~ zahlen, versand ~ teuer, porto, portokosten, versandpauschale, versandgebühr*, liefergebühr*,
            mindestbestellwert, mindermengenzuschlag, aufpreis, gebühren, servicegebühr, bearbeitungsgebühr,
            kostenlos*, kostenfrei*, gratis, gratisversand, versand ~ frei, frei haus, ermäßigung, ermäßigt,
            nachlass, preisnachlass, rabattaktion*, rabattiert, heruntergesetzt, runtergesetzt, black friday, cyber
            monday, kostet nur, woanders billiger, anderswo günstiger, im laden günstiger, amazon günstiger, bei
            amazon billiger, den aufpreis, kostengünstig, ins geld, geldbeutel, preis leistung, preis leistungs,
            plv, p l verhältnis, für ~ euro, geld ~ nicht wert, kein geld wert, gebühr, versandkostenfrei, versand
            ~ zu viel, versand ~ zu hoch, versand ~ umsonst, zahle ich weniger, zahl ich weniger, weniger bezahlt,
            weniger gezahlt, weniger zahlen, zahle ich mehr, zahlt man weniger, zahlt man ~ drauf, zahle ich nicht,
            geld ~ sparen, geld sparen, geld gespart, preislich ~ ordnung, preise ~ angezogen, kostet ~ hälfte, für
            den preis, für diesen preis, zum kleinen preis, preiß, preiße, preisgestaltung, preispolitik,
            preiswerter, versand ~ teurer, kein schnäppchen, hälfte des preises""",
        "payment": """bezahlung, zahlung*, zahlungsart*, zahlungsmöglichkeit*, zahlungsmethode*, bezahlvorgang, kasse,
            paypal, klarna, kreditkarte*, lastschrift*, rechnung*, kauf auf rechnung, ratenzahlung, mahnung*, doppelt
            abgebucht, abgebucht, bereits bezahlt, schon bezahlt, überweisung, vorkasse, inkasso, karte ~ abgelehnt,
            karte ~ nicht, akzeptierte ~ karte, zahlung abgelehnt, zahlung fehlgeschlagen, checkout, abbuchung,
            sofortüberweisung, apple pay, google pay, rechnungskauf, zahlvorgang, beim bezahlen, zum bezahlen,
            bezahlen mit, mit ~ bezahlen, mit ~ bezahlt, per ~ bezahlen, per ~ bezahlt, mit ~ zahlen, per ~ zahlen,
            auf rechnung, bezahlen funktioniert, bezahlen ging, bezahlen klappt, bezahlen klappte, bezahlen ~ nicht
            möglich, bezahlen konnte, zahlen ging, zweimal bezahlt, doppelt bezahlt, zwei mal bezahlt, zweimal
            abgebucht, zwei mal abgebucht, 2 mal abgebucht, doppelt belastet, doppelt eingezogen, vom konto
            abgebucht, konto belastet, zu viel abgebucht, falsch abgebucht, bezahlsystem*, bezahlart*,
            bezahlmethode*, bezahlmöglichkeit*, bezahlweise, bezahlfunktion, bezahlseite, zahlweise, zahlart*,
            zahlmethode*, zahlungsweise, zahlungsziel, zahlungsabwicklung, zahlungseingang, zahlungserinnerung, visa,
            mastercard, maestro, girocard, ec karte, debitkarte*, amex, american express, sepa, bankeinzug,
            lastschrift, giropay, twint, amazon pay, pay pal, ratenkauf, in raten, ratenweise, nachnahme, sofort
            überweisung, karte ~ akzeptiert, karte akzeptiert, kreditkarte, schufa, bonitätsprüfung, bonität,
            mahngebühr*, mahnschreiben, inkassobüro, gemahnt, rechnung ~ falsch, keine rechnung, zahlung ~
            abgebrochen, bezahlvorgang ~ abgebrochen, betrag abgebucht, betrag eingezogen, geld abgebucht,
            bezahlvorgang ~ brach, zahlung brach, zahlvorgang ~ brach, raten zahlen""",
        "website": """website*, webseite*, internetseite, webshop*, homepage, app, navigation, suchfunktion*, suche
            auf, suche ist, filterfunktion, einloggen, eingeloggt, anmelden, login, mein konto, kundenkonto,
            ladezeit*, lädt langsam, übersichtlich*, unübersichtlich*, benutzerfreundlich*, bestellvorgang,
            bestellprozess, bestellung ging, bestellen ging, bestellen ist, bestellen war, einfach bestell*,
            einfach zu bestellen, bestellung war ~ einfach, bestellung verlief, bestellablauf, im onlineshop,
            onlineshop ist, onlineshop lädt, online shop ist, abgestürzt, stürzt ab, seite lädt, warenkorb,
            einkaufswagen, einkaufskorb, warenkörbe, web site, internet seite, internetauftritt, webauftritt,
            onlineauftritt, internetshop, web shop, onlineportal, auf der seite, auf eurer seite, auf ihrer seite,
            eure seite, ihre seite, die seite ist, die seite lädt, die seite hat, seite ~ langsam, seite ~ lädt,
            seite ~ hängt, seite ~ stürzt, seite funktioniert, seite übersichtlich, seite ~ unübersichtlich, seite
            ~ aufgebaut, seite ~ gestaltet, seite ~ abgestürzt, seite ~ gefunden, fehlermeldung*, fehler 404,
            serverfehler, wartungsarbeiten, lädt ewig, lädt nicht richtig, lädt ewig, ewig geladen, bilder laden,
            bilder laden nicht, langsame seite, langsamer shop, stürzt ~ ab, stürzt dauernd ab, app stürzt, update
            ~ app, mobile version, mobilen version, übers handy, über das handy, popup*, pop up, pop ups, captcha,
            benutzeroberfläche, menüführung, bedienerfreundlich, nutzerfreundlich*, userfreundlich, usability,
            webdesign, die suche, suchfeld, suchmaske, suchergebnis*, suchleiste, suchbegriff*, suche findet, suche
            funktioniert, suche liefert, suche zeigt, suche ergibt, suche geht, suche spuckt, suche gibt, such
            funktion, eintippe, eintippt, eingetippt, filtern, filtert, filteroption*, filtermöglichkeit*,
            sortierfunktion, registrieren, registrierung, neu registrieren, konto anlegen, konto erstellen, konto
            angelegt, konto ~ gesperrt, konto löschen, nutzerkonto, benutzerkonto, gastbestellung, gastzugang, als
            gast, passwort*, kennwort, zugangsdaten, ausgeloggt, log in, bestellformular, bestellseite,
            bestellmaske, bestellstatus, bestellabwicklung, bestellverlauf, merkliste, wunschliste, wunschzettel,
            bestellbestätigung, einfach ~ zu bestellen, leicht zu bestellen, unkompliziert bestell*, problemlos
            bestell*, kompliziert zu bestellen, bestellung abschließen, bestellung abzuschließen, bestellung nicht
            abschicken, bestellung ~ abgebrochen, vorgang ~ abgebrochen, bestellung absenden, bestellung aufgeben,
            bestellung aufzugeben, bestellung abgeschlossen, bestellen geht, bestellung war kompliziert, bestellung
            einfach, bestellen einfach, einfache bestellung, unkomplizierte bestellung, leichte bestellung,
            problemlose bestellung, bestellung problemlos, bestellung unkompliziert, app reagiert, technischer
            fehler, technischen fehler, verbuggt, buggy, bugs, ladebalken, adresse ~ eingeben, konto gelöscht,
            konto wurde gelöscht, browser, account, online formular, hängt sich ~ app, anmeldung, bestellung ~
            kinderleicht, bestellen ~ kinderleicht, bestellvorgang ~ brach, bestellung brach ~ ab, seite brach,
            warenkorb ~ leer, zurechtgefunden, findet sich ~ zurecht, findet man sich ~ zurecht, nicht bestellen
            konnte, bestellen nicht möglich, bestellung nicht möglich, cookie banner, cookies akzeptieren,
            durchklicken, neu eingeben, alles ~ eingeben, daten ~ eingeben, adresse eingeben, neu eingegeben,
            bestellung ~ abschicken, bestellung ~ absenden, seiten klicken, produktbilder laden nicht, bilder laden
            ~ nicht, app bricht, app ~ bricht ~ ab, seite bricht ~ ab, app startet nicht, app öffnet nicht, seite
            öffnet nicht, seite lädt nicht, im kundenkonto, in der app, per app, über die app""",
        "returns": """retour*, retoure*, rücksend*, rücksendung, rückgabe*, rückerstattung*, rückversand,
            erstattung, erstattet, geld ~ zurück, geld zurück, gewährleistung, ersatzlieferung, umgetauscht,
            gutschrift, kulanz, kulant, geld ~ wiederbekommen, zurückbekommen, rückporto, widerruf*,
            zurückerstatt*, rückzahlung, zurückgenommen, rücknahme, erstatten, =garantie, garantiefall,
            garantiefälle, garantiezeit, garantieanspruch, garantieabwicklung, garantieverlängerung,
            herstellergarantie, ersatz geschickt, ersatz bekommen, ersatz geliefert, ersatz gesendet, ersatz
            erhalten, ersatz kam, ersatz verschickt, ersatz zugeschickt, kostenlosen ersatz, sofort ersatz,
            ersatzprodukt, ersatzartikel, ersatzgerät, ersatzpaket, wurde ~ ersetzt, wurden ~ ersetzt, ersetzt
            bekommen, nicht ersetzt, anstandslos ersetzt, sofort ersetzt, neues zugeschickt, neuen zugeschickt,
            neue geschickt bekommen, neues gerät bekommen, ersatzweise, austauschgerät, reparatur*, eingeschickt,
            einschicken, einsenden, nachgebessert, nachbesserung, rückerstatt*, rück erstattet, rückläufer,
            rücküberweisung, rücküberwiesen, rückabwicklung, rückschein, rückpaket, rückschicken, rückgeschickt,
            rückgesendet, rückgesandt, retour, retournieren, retourniert, returen*, rücksende*, rücksendeetikett,
            retourenlabel, retourenschein, returenschein, zurücküberwiesen, zurück überwiesen, geld nicht wieder,
            geld ~ erstattet, geld ~ drauf, geld ~ überwiesen, geld ~ gesehen, geld ist weg, geld weg, auf ~ geld ~
            gewartet, warte ~ auf ~ geld, warte auf geld, betrag ~ zurück, betrag ~ erstattet, betrag ~
            gutgeschrieben, kaufpreis ~ zurück, kaufpreis ~ erstattet, auf mein konto, auf meinem konto,
            teilerstattung, erstattungen, alle wieder zurück, alles wieder zurück, alles zurück, alle zurück, ging
            wieder zurück, geht wieder zurück, gehen wieder zurück, gingen wieder zurück, geht sofort zurück, ging
            sofort zurück, muss zurück, musste zurück, mussten zurück, wieder zurück, leider zurück, direkt zurück,
            retour geschickt, gehen retour, geht retour, ging retour, umtauschrecht, umtauschfrist, umtauschbar,
            umtausch ~ problemlos, zurück nehmen, zurücknehmen, nimmt ~ zurück, nehmen ~ zurück, vom kauf zurück,
            rücksendung kostenlos, kostenlose retoure, rückholung, geld war ~ drauf, geld war ~ da, geld wieder
            bekommen, geld wieder da, geld sofort wieder, geld war schnell, auf mein geld, meinem geld hinterher,
            mein geld nicht, mein geld weg, mein geld wieder, mein geld ~ zurück, mein geld ~ wieder, geld nicht
            bekommen, geld noch nicht, geld immer noch nicht, geld nie, kostenlos rückversand, kostenlos
            rücksendung, kostenlos retoure, kostenlos rückgabe, kostenlos umtausch, mein geld hab, mein geld habe,
            mein geld ist, rücksendekosten ~ tragen, rücksendekosten ~ zahlen, rücksendekosten ~ übernehmen,
            retourenlabel ~ nicht dabei, retourenschein ~ nicht dabei, rücksendeschein ~ nicht dabei, retourenlabel
            ~ nicht bei, retourenschein ~ nicht bei, nicht mehr zurückgeben, nicht mehr zurückschicken, nicht
            zurückgeben kann, nicht zurückgeben konnte, rückgabefrist, rückgaberecht, geld kam, wurde ~
            ausgetauscht, wurden ~ ausgetauscht, anstandslos ausgetauscht, sofort ausgetauscht, problemlos
            ausgetauscht, wurde ~ getauscht, anstandslos getauscht, gegen ~ umgetauscht, rücksendeportal,
            retourenportal, retourenabwicklung, rückgabeprozess, retourkosten, zurükgeschickt, zurückgeschikt,
            rücksendug, keine erstattung, keine rückerstattung, umgetauscht bekommen, kein umtausch""",
        "service": """kundenservice, kundendienst*, kundenbetreuung, kundensupport, =service, =support,
            servicewüste, helpdesk, mitarbeiter*, personal, verkäufer, verkäuferin, beratung, beraten, berater,
            freundlich*, unfreundlich*, hilfsbereit*, unhöflich*, höflich, kompetent*, inkompetent, zuvorkommend,
            kundenfreundlich, nette dame, problem ~ gelöst, schnell geklärt, beanstandet wurde, ernst genommen,
            fachkundig, serviceorientiert, lösungsorientiert, ansprechpartner, ansprechpartnerin, geduldig,
            hilfsbereitschaft, weitergeholfen, kümmert sich, kümmern sich, support, kunden service, kundendienst,
            kundenhotline, kundenberatung, kundenberater*, kundenorientiert, kundenunfreundlich, kundenfeindlich,
            kundennähe, servicemitarbeiter*, servicequalität, servicepersonal, serviceteam, supportteam, support
            team, tolles team, super team, nettes team, freundliches team, sachbearbeiter*, bedient worden, gut
            bedient, nett bedient, bediente mich, beratungsgespräch, beraterin, gut beraten, super beraten, toll
            beraten, fachberatung, fachpersonal, betreuung, nette mitarbeiter*, nette verkäufer*, nette bedienung,
            nette beratung, nette frau, netter herr, netter kontakt, netter mitarbeiter, nettes personal, super
            nett, total nett, junge dame, der herr am, dame am, dame von, frau am telefon, entgegenkommen*,
            entgegengekommen, zuvorkommend*, verständnisvoll, respektlos, patzig, pampig, arrogant,
            desinteressiert, abgewimmelt, abgefertigt, abgespeist, abgewiesen, alleine gelassen, allein gelassen,
            im stich gelassen, hingehalten, hinhaltetaktik, abwimmeln, hilfsbereit, hilfe bekommen, sofort
            geholfen, schnell geholfen, super geholfen, wurde ~ geholfen, wird ~ geholfen, konnte ~ helfen, konnten
            ~ helfen, keiner hilft, niemand hilft, hilfestellung, weiterhelfen, weiterhelfen konnte, problemlösung,
            problem wurde ~ gelöst, problem sofort gelöst, lösung gefunden, lösung gesucht, lösung ~ vorgeschlagen,
            lösung angeboten, lösungen angeboten, kümmerte sich, kümmerten sich, keiner kümmert sich, niemand
            kümmert sich, keinen interessiert, niemand zuständig, keiner zuständig, nicht zuständig, nicht ernst
            genommen, zeit genommen, nahm sich ~ zeit, mühe gegeben, umgang mit kunden, umgang mit ~ kunden, kunde
            ist könig, kundenpflege, kunden ~ behandelt, behandelt ~ kunden, schlecht behandelt, gut behandelt,
            halfen mir, gut betreut, hilfreich bei der auswahl, hilfe bei der auswahl, beratung bei der auswahl,
            geholfen bei der auswahl, bei der auswahl geholfen, zuständig, fühlt sich ~ zuständig, niemand hilft ~
            weiter, keiner hilft ~ weiter, hilft einem ~ weiter, hilft niemand, kundenservice ~ sieht anders aus,
            service sieht anders aus, kundenfreundlichkeit, kundenfreundlichkeit sieht anders aus, gut aufgehoben,
            von a nach b, verwiesen, weiterverwiesen, hin und her geschoben, sehr professionell, professioneller
            umgang, professioneller händler, professionelle beratung, professionelle abwicklung, professioneller
            service, problem ~ behoben, sofort behoben, schnell behoben, als kunde ~ verarscht, als kunde ~
            behandelt, als kunde ~ ernst, kunde ~ wertgeschätzt, wertschätzung, wertgeschätzt, kundendinst,
            kundenservise, servis, schlecht geschult""",
        "contact": """erreichbar*, unerreichbar*, zu erreichen, telefon, telefonisch*, am telefon, per telefon,
            hotline*, angerufen, anrufen, anruf, rückruf*, zurückgerufen, zurückrufen, mails, email, e mail, per
            mail, gemailt, antwort*, geantwortet, beantwortet, keine antwort, rückmeldung*, meldet sich, chat*,
            chatbot*, kommunikation, informieren, auf dem laufenden, benachrichtigung*, benachrichtigt, nachverfolg*,
            kontaktiert, nachricht*, bescheid, ohne begründung, ohne erklärung, keine info, keine information*,
            durchkommen, niemand ~ ran, geht ~ ran, gesprochen, =gemeldet, rückfrage*, anfrage*, angeschrieben,
            vertröstet, warteschleife, niemand* ~ erreichen, keinen ~ erreichen, jemand* ~ erreichen, nie =erreichen,
            schwer =erreichen, kaum =erreichen, nicht ~ zu erreichen, schlecht zu erreichen, leicht zu erreichen,
            telefonisch ~ erreichen, per ~ =erreichen, niemand* erreicht, keinen erreicht, kundenservice ~ erreichen,
            service ~ erreichen, support ~ erreichen, hotline ~ erreichen, kontakt, kontaktaufnahme,
            kontaktformular*, kontaktmöglichkeit*, kontaktversuch*, kontaktieren, kontaktdaten, kontaktaufnahmen,
            keine reaktion, reagiert nicht auf, reagieren nicht, reagiert niemand, niemand reagiert, keiner reagiert,
            reagierte ~ schnell, reagiert ~ schnell, reagieren ~ schnell, sofort reagiert, schnell reagiert, prompt
            reagiert, schnelle reaktion, reaktionszeit, =mail, e mails, emails, mailkontakt, mailverkehr, meine
            mails, auf mails, auf ~ mail*, rückantwort*, rückruf, rück ruf, rückinfo, ruft ~ zurück, rief ~ zurück,
            ruft nicht an, rief an, anschreiben, angemailt, telefoniert, telefonat*, telefonnummer, telefonservice,
            ans telefon, telefonschleife, warteschlange, wartemusik, wartezeit ~ telefon, wartezeiten ~ telefon,
            wartezeit ~ hotline, wartezeiten ~ hotline, in der leitung, minuten gewartet, weggedrückt, aus der
            leitung, keiner ran, niemand ran, geht keiner ran, hebt ~ ab, niemand meldet, keiner meldet, meldete
            sich, melden sich, nie gemeldet, nicht gemeldet, meldet sich niemand, meldet sich keiner, textbaustein*,
            standardantwort*, standardmail, standardfloskel*, automatische antwort, automatisierte antwort*, ki bot,
            whatsapp, funkstille, wird ignoriert, werden ignoriert, wurde ignoriert, ignorieren ~ mails, nachfragen,
            nachgefragt, mehrfach nachgefragt, auf nachfrage, auskunft, auskünfte, ansprechbar, erreichbarkeit,
            ansprechpartner, statusmeldung, statusupdate, versandbestätigung, lieferbestätigung, auf dem laufenden
            gehalten, auf dem neuesten stand, auf dem aktuellen stand, immer informiert, gut informiert, nicht
            informiert, wurde informiert, wurde ~ informiert, wird ~ informiert, wird man ~ informiert, wurde ich ~
            informiert, man wird informiert, keine infos, keine benachrichtigung, nachverfolgbar, sendung verfolgen,
            sendungsverfolg*, status der bestellung, nicht =erreichen kann, kann ~ nicht =erreichen, konnte ~ nicht
            =erreichen, nicht =erreichen konnte, paket verfolgen, nimmt keiner ab, nimmt niemand ab, keiner nimmt ab,
            nix ~ gehört, nie wieder gehört, nie was gehört, nie etwas gehört, mehrmals geschrieben, mehrfach
            geschrieben, zweimal geschrieben, dreimal geschrieben, erreicht niemand*, erreicht keinen, erreicht man,
            mehrfach kontaktiert, nichts gehört, nichts mehr gehört, nichts mehr von ~ gehört, nichts wieder gehört,
            der bot, reaktion auf meine, reaktion auf ~ mail*, auf ~ mail ~ reagiert""",
        "personalisation": """personalisiert*, individuell*, maßgeschneidert*, auf mich zugeschnitten,
            maßanfertigung, handgeschrieben*, produktempfehlungen, für meine haut, für meinen hauttyp, meine
            bedürfnisse, passen ~ zu mir, passt ~ zu mir, =empfehlungen, =persönliche, =persönlicher,
            =persönliches, =persönlichem, persönlich geschrieben, persönlich zugeschnitten, persönlich
            angesprochen, persönlich zusammengestellt, persönlich angeschrieben, =vorschläge, =vorschlägen,
            vorgeschlagen, vorgeschlagene*, vorgeschlagenen, artikelvorschläge, produktvorschläge,
            produktempfehlung, kaufempfehlungen, kaufvorschläge, schlägt mir, schlagt mir, schlägt ~ vor, schlagen
            ~ vor, empfiehlt mir, empfohlenen produkte, empfohlene produkte, empfohlene artikel, passende
            empfehlung*, kennt ~ geschmack, kennen ~ geschmack, trifft ~ meinen geschmack, treffen ~ meinen
            geschmack, auf meinen geschmack, abgestimmt auf, auf mich abgestimmt, mich abgestimmt, auf mich
            zugeschnittene*, zugeschnitten, für mich zusammengestellt, was mich interessiert, meine interessen,
            meinen interessen, zu meinen interessen, meine vorlieben, meinen vorlieben, meine letzten käufe,
            bisherigen käufe, früheren käufe, bisherigen bestellungen, früheren bestellungen, letzten einkäufe,
            kaufverhalten, kaufhistorie, algorithmus, längst gekauft, schon gekauft habe, bereits gekauft habe,
            gerade gekauft habe, gravur*, eingraviert, eingestickt, bestickt mit, mit dem namen, mit meinem namen,
            mit seinem namen, mit ihrem namen, namen ~ gedruckt, wunschtext, wunschname, wunschmotiv, wunschfoto,
            monogramm, selbst gestalten, selbst gestaltet, selber gestalten, selbst zusammenstellen, selber
            zusammenstellen, konfigurator, nach maß, maßarbeit, sonderanfertigung, sonderwunsch, sonderwünsche,
            wünsche eingegangen, meine wünsche, mit vornamen, mit meinem vornamen, handschriftlich*,
            handgeschriebene, persönliche karte, graviert, persönlichen empfehlungen, persönlichen vorschläge,
            persönlichen angebote, persönlichen touch, persönlichen note, persönlichen gruß, persönlichen beratung,
            persönlichen nachricht, persönlichen bedürfnisse, persönlichen stil, auf mich persönlich, wirklich zu
            mir, mit wunschnamen, passt nicht zu mir, passt gar nicht zu mir, passt überhaupt nicht zu mir, passt
            leider nicht zu mir, passt nicht zu meinem, passen genau zu, werbung für, angebote für mich, auf mich
            abgestimmte*, mir ständig ~ angezeigt, mir immer ~ angezeigt, mir dauernd ~ angezeigt, mir ~ artikel
            angezeigt, mir ~ produkte angezeigt, weiß ~ gefällt, wissen ~ gefällt, weiß ~ ich mag, falsch
            eingraviert, name ~ eingraviert, bekomme ~ angezeigt, kriege ~ angezeigt, bekomme ~ vorgeschlagen,
            kriege ~ vorgeschlagen, meinen stil, an mich angepasst, angepasst an mich, nach meinen wünschen, auf
            meine wünsche, =kennt =mich, =kennen =mich""",
        "rewards": """treuepunkt*, meine punkte, punkte gesammelt, punkte sammeln, punkte einlösen, bonuspunkt*,
            bonusprogramm*, kundenkarte*, newsletter*, gutschein*, gutscheincode*, rabattcode*, rabattaktion,
            treueprogramm, stammkund*, geschenkkarte*, coupon*, aktionscode, payback, werbemails, spam,
            mitgliedschaft, vorteile für stammkunden, treuepunkte, treue ~ belohnt, treue belohnt, für die treue,
            treuerabatt, treuebonus, treueaktion, treueprämie*, treuekarte, treuekonto, treue kunden ~ belohnt,
            treue kunden ~ nichts, langjährige kundin ~ bekommt, langjähriger kunde ~ bekommt, bestandskund*,
            neukund*, neukunden, neukundenrabatt, willkommensrabatt, willkommensgutschein, willkommensbonus,
            geburtstagsgutschein, geburtstagsrabatt, geburtstagsbonus, bonuskarte, bonussystem, bonusaktion, boni,
            prämie, prämien, prämienshop, cashback, vip, vip kunde, premium mitglied, premiummitglied*,
            mitgliedsrabatt, mitgliedskarte, kundenclub, kundenprogramm, vorteilsprogramm, vorteilskarte,
            vorteilspreis, vorteilscode, vorteilsclub, vorteilskunde, clubmitglied, clubkarte, belohnung*, kleines
            dankeschön, gratisgeschenk, punkte ~ weg, punkte ~ verfallen, punkte ~ verfallen, punkte ~
            gutgeschrieben, punkte ~ einlösen, punkte ~ eingelöst, punkte ~ gesammelt, punkte ~ verschwunden,
            punkte bekommen, extrapunkte, extra punkte, doppelte punkte, gesammelte punkte, gesammelten punkte,
            punkte wurden, punktestand, punktekonto, punktesystem, punktesammeln, punkteprogramm, wo ~ punkte,
            status ~ gold, goldstatus, deutschlandcard, rabattgutschein*, rabatt code, gutscheine, gutschein,
            gutschein code, gutscheinkarte, wertgutschein, voucher, promocode, promo code, promotioncode,
            aktionscode*, aktions code, code ~ funktioniert, code funktionierte, code ~ ungültig, code ~ abgelehnt,
            code ~ akzeptiert, code ~ angenommen, code ~ eingegeben, code ~ abgelaufen, code ~ nicht,
            freundschaftswerbung, freunde werben, kunden werben, werbeprämie, news letter, rundmail*, infomail*,
            werbe mails, werbeemail*, werbemail*, werbepost, werbeflut, werbeanruf*, katalog ~ abbestellt,
            abbestell*, abgemeldet vom, abmelden vom, mailflut, flut an mails, flut von mails, zu viele mails, zu
            viele emails, zu viele e mails, jeden tag mails, jeden tag eine mail, täglich mails, täglich eine mail,
            ständig mails, ständig emails, dauernd mails, mails pro tag, mails pro woche, mails am tag, mails die
            woche, mails in der woche, mail am tag, zugespamt, zugemüllt, zumüll*, spammails, spamming, spamt,
            gewinnspiel*, als mitglied, für mitglieder, für meine treue, für unsere treue, treue wird ~ belohnt,
            treue wird nicht, treue kunden werden, punkte für ~ einkauf, punkte für jeden, punkte sind weg,
            begrüßungsrabatt, begrüßungsgutschein, für stammkunden, kundentreue, gratisproben, bonus, pröbchen,
            goodies, neukunde ~ rabatt, stammkunde ~ rabatt, bonusprogramm ~ lohnt sich, programm lohnt sich,
            gutschein ~ abgelaufen, treuer kunde bekommt, treuer kunde bekommt man, als treuer kunde, als treue
            kundin, als langjähriger kunde, als langjährige kundin, vorteile für ~ kunden, vorteil für ~ kunden,
            treue kunden, treuen kunden, für treue, mehr vorteile, keine vorteile""",
        "community": """rezension*, anderer kunden, anderen kunden, andere kunden, anderer käufer, andere käufer,
            erfahrungsberichte, forum, community, kundenmeinungen, kundenbewertungen, =bewertungen, guten
            bewertung, bewertungssystem, kundenbewertung, kundenrezension*, kundenkommentare, kundenfotos,
            kundenbilder, fakebewertung*, fake bewertung*, gefälschte bewertung*, gekaufte bewertung*, bewertung ~
            gelöscht, bewertung ~ veröffentlicht, bewertung ~ freigeschaltet, bewertung ~ online, bewertung
            abgeben, bewertung abzugeben, bewertung schreiben, bewertung geschrieben, produktbewertung*,
            sternebewertung, gute bewertungen, negative bewertung, negative bewertungen, rezi, rezis, reviews,
            erfahrungsbericht, erfahrungen anderer, meinungen anderer, andere rezensenten, rezensenten, anderen
            rezensenten, andere nutzer, anderer nutzer, anderen nutzer, anderen käufer, anderen käufern,
            trustpilot, facebook gruppe, whatsapp gruppe, andere mitglieder, fragen und antworten, nutzermeinungen,
            nutzerbewertungen, käuferbewertungen, gelesen ~ bewertungen, nach den bewertungen, austausch mit
            anderen, meine bewertung wurde""",
        "character": """ambiente, schöner laden, schönes geschäft, toller laden, netter laden, schöner shop,
            liebevoll gestaltet, nachhaltig*, umweltfreundlich*, umwelt*, ökologisch, regional*, regionale, charme,
            charmant, fair gehandelt, recycel*, klimaneutral, =charakter hat, mit charakter, fairtrade, fair trade,
            faire produktion, faire bedingungen, fair produziert, fair hergestellt, arbeitsbedingungen,
            produktionsbedingungen, herstellungsbedingungen, bedingungen ~ hergestellt, bedingungen ~ produziert,
            bedingungen ~ genäht, wo ~ hergestellt, wo ~ produziert, wo ~ genäht, wo ~ gefertigt, made in germany,
            in deutschland hergestellt, in deutschland produziert, in europa produziert, in europa hergestellt, aus
            der region, kinderarbeit, plastikfrei*, ohne plastik, kein plastik, wenig plastik, weniger plastik,
            unverpackt, co2, co2 neutral, klimafreundlich*, klimaschutz, klimabewusst, klimabilanz, ökobilanz, öko,
            ökologie, ökologische*, biologisch abbaubar, bioqualität, biobaumwolle, bio baumwolle, aus recyceltem,
            recyclingmaterial, recycling, recycelbar, upcycling, kompostierbar, wegwerfgesellschaft,
            wegwerfprodukt*, ressourcen*, ressourcenschonend, naturschutz, tierwohl, tierschutz, tierversuch*,
            tierversuchsfrei, vegan*, greenwashing, grünes gewissen, gutes gewissen, gutem gewissen, ethisch,
            soziales engagement, sozial engagiert, familienbetrieb, familienunternehmen, kleiner laden, kleines
            unternehmen, kleinen laden, kleines geschäft, kleine manufaktur, manufaktur, sympathischer laden,
            sympathischer shop, sympathisches unternehmen, sympathische firma, sympathischer auftritt, sympathische
            marke, mit herzblut, herzblut, mit liebe gemacht, firmenphilosophie, unternehmensphilosophie, werte ~
            unternehmens, ladengestaltung, schön eingerichtet, herkunft, lieferketten*, woher ~ stoff, woher ~
            material, woher ~ ware, liebe zum detail, gespendet, ausbeutung, bio siegel, in china produziert, in
            china hergestellt, in china gefertigt, produziert in, hergestellt in, in bangladesch, angenehme
            atmosphäre, nette atmosphäre, tolle atmosphäre im, atmosphäre im laden, atmosphäre im geschäft,
            einkaufsatmosphäre, schöne atmosphäre, nachhaltigkeit ~ anders aus, nachhaltigkeit sieht anders aus""",
    },
    unless_denied={
        "packaging": """beschädigt*, beschädigung*, delle, dellen, eingedrückt, zerdrückt, aufgerissen, zerbrochen,
            zerrissen, unbeschädigt, zermatscht, zerquetscht, verknickt, zerknickt, geknickt, eingedellt""",
        "quality": """kaputt*, defekt*, gebrochen, kratzer, zerkratzt, riss, risse, mangel, mängel, mangelhaft,
            fehlerhaft, beschädigt, loch, löcher, schaden, macke, macken, kaputtgegangene, beschädigungen,
            fehlfunktion, funktionsstörung, aussetzer, schwachstelle, schäden, materialermüdung, =sprung in,
            wackelkontakt, verkratzte, kaputter, verbogen, zu bruch, zerbeult, zerbröselt, demoliert, ramponiert,
            geplatzt, aufgeplatzt, zerdeppert, lädiert, fehlkonstruktion, fehlproduktion, zersprungen, gesprungen,
            angestoßen, abgesplittert, gesplittert, zerschlagen, totalausfall, totalschaden, fehlfunktionen""",
        "returns": """zurückschicken, zurückgeschickt, schicke ~ zurück, schickte ~ zurück, zurücksenden,
            zurückgesendet, zurückgesandt, zurückgeben, zurückgegeben, gehen zurück, geht zurück, ging zurück,
            gingen zurück, umtausch, umtauschen, umzutauschen, zurückzuschicken, zurückzusenden, zurückzugeben,
            reklamation*, reklamiert, reklamieren, zurück geschickt, zurück gesendet, zurück gesandt, zurück
            gegeben, zurück schicken, zurück senden, zurück geben, zurück zu schicken, schicken ~ zurück, sende ~
            zurück, geht ~ zurück, ging ~ zurück, gingen ~ zurück, zurückgebracht, zurückbringen, =tauschen""",
        "service": "reklamation*, beschwerde*, beschwert, beschweren, reklamiert, reklamieren",
    },
    if_alone={
        "quality": """funktioniert nicht, funktionierte nicht, funktioniert nicht mehr, funktioniert ~ einwandfrei,
            funktioniert ~ gut, funktioniert ~ perfekt, funktioniert ~ super, funktioniert, dünn, robust, stabil,
            solide, praktisch, handlich, nützlich, nutzlos, aufbau, montage, leise, wirkung, design, drückt, mist,
            müll, taugt nicht, taugt nichts, taugt nix, funzt nicht, tuts nicht, tut es nicht, läuft nicht, geht
            nicht mehr, ging nicht mehr, scharf, stumpf, schwergängig, leichtgängig, einfach in der handhabung,
            handhabung, bedienung, bedienungsanleitung, anleitung, aufbauanleitung, =aufgebaut, zusammenbau,
            zusammenbauen, zusammengebaut, montieren, montiert, aufbauen, optik, abgelaufen, krumm, schief, frisch,
            klebt, hakt, bringt nichts, bringt nix, display, klinge, wackelig, verzogen, erstklassig, sound,
            effekt, bluetooth, gut gemacht, schlecht gemacht, plastik, hilft nichts, kinderleicht, lässt sich
            leicht, lässt sich nicht, lassen sich nicht, lässt sich gut, lässt sich schwer, lassen sich leicht,
            lassen sich gut, lässt sich super, lässt sich kaum, lässt sich einfach, lässt sich problemlos, leicht
            zu reinigen, schwer zu reinigen, intuitiv, selbsterklärend, tadellos*, lose, einwandfrei, komme ~ nicht
            zurecht, komme ~ nicht klar, wird warm, pflegeleicht, installation, installieren, lädt nicht, lädt
            nicht mehr, lädt kaum, hängt sich auf, startet nicht, schließt nicht, keine verbindung, öffnet sich
            nicht, schaltet sich ~ ab, schaltet sich ~ aus, fällt ständig aus, schöne sachen, tolle sachen,
            schaltet nicht, leistung, ausfall, brennt nicht""",
        "delivery": """warten, seit wochen, wochen gewartet, lange gewartet, gedauert, hat ~ gedauert, nächsten
            tag, am nächsten tag, unterwegs, paket*, päckchen, angekommen, ankommen, ankunft, innerhalb von ~
            tagen, =tage später, wochen später, dauert ~ lange, dauerte ~ lange, ewig gedauert, lange gedauert,
            nicht erhalten, nicht ~ bekommen, erst nach ~ tagen, erst nach ~ wochen, erst nach ~ monaten, nach
            wochen, nach ~ wochen erst, ratzfatz, ratz fatz, ruckzuck, ruck zuck, flott, zügig, prompt,
            superschnell, sauschnell, megaschnell, blitz schnell, termin, unversehrt, wohlbehalten, schneller als
            erwartet, schneller als gedacht, losgeschickt, abgeschickt, warte seit, warten immer noch, warte immer
            noch, warte jetzt, warte schon, tage gewartet, monate gewartet, tage warten, wochen ~ warten,
            vergeblich gewartet, umsonst gewartet, noch ~ am warten, geklingelt, =kamen ~ an, kam sofort, kam
            direkt, kam später, kam früher, kam heute, kam gestern, ware kam, paket kam, bestellung kam, artikel
            kam, produkt kam, kleid kam, brauchte ~ tage, brauchte ~ wochen, ewig gebraucht, lange gebraucht,
            wochen gebraucht, tage gebraucht, ewig gewartet, bis heute nichts, kam keiner, kam niemand, =kam nicht,
            =kam nichts, schnelle abwicklung, schneller ablauf, dauert ~ so lange, dauerte ~ ewig, dauert ~ ewig,
            dauert ~ zu lang, dauert ewig, dauert lange, schnelligkeit, geschwindigkeit, immer noch nichts, noch
            immer nix, immer noch nix""",
        "packaging": "karton*, schachtel, durchnässt, aufgeweicht, zerknittert, folie",
        "service": """geholfen, =gelöst, gekümmert, sehr hilfreich, bemüht, unbürokratisch, sehr nett, frech,
            schnelle bearbeitung, hilfsbereites, =nett, nette leute""",
        "completeness": """fehlt, fehlte, fehlten, fehlen, gefehlt, stattdessen, fehlendes, alles da, nur einen ~
            bekommen, nur eine ~ bekommen, nur ein ~ bekommen, nur ein ~ erhalten, nur eine ~ erhalten, nur einen ~
            erhalten, nur ein ~ geliefert, nur eine ~ geliefert, gekommen ist, gekommen sind, bestellt hatte ich,
            bestellt war, waren aber nur, waren nur, es waren nur""",
        "price": "aktion, angebot, angebote, =euro, prozente",
        "stock": "nicht mehr da",
        "fit": "zu kurz, zu lang, zu weit, winzig",
        "payment": "=bezahlen, überwiesen, überweisen, eingezogen",
        "website": """=seite, filter, registriert, am handy, auf dem handy, technische probleme, button, absturz,
            seit dem update, nach dem update, server""",
        "returns": """ersatz, neues ~ bekommen, gutgeschrieben, gut geschrieben, ersatzteil*, repariert,
            reparieren, austausch""",
        "contact": "reagiert, reaktion, informiert, ignoriert, nachfrage",
        "rewards": "werbung",
        "choice": "bitte mehr, mehr ~ bitte",
    },
    sayings="""auf den punkt, guter punkt, positive punkte, negative punkte, keine frage, in frage, in rechnung,
        betrügerische seite, betrugsseite, fake seite, diese seite, dieser seite, die andere seite, auf der anderen
        seite, auf der einen seite""",
    things="""produkt, produkte, artikel, ware, kauf, *tasche, *täschchen, *rucksack, *rucksäcke, *koffer, *kleid,
        *hemd, *shirt, *top, *oberteil, *bluse, *pulli, *pullover, *rock, *hose, *jeans, *jacke, *mantel, *weste,
        *anzug, *badeanzug, *bikini, *schuh, *schuhe, *stiefel, *sandalen, *sneaker, *socken, *handschuhe, *schal,
        *mütze, *gürtel, *trikot, *brille, *uhr, *ring, *kette, *armband, *ohrringe, *hülle, *handy, *telefon,
        *ladegerät, *kabel, *kopfhörer, *lautsprecher, *tastatur, *maus, *laptop, *tablet, *kamera, *fernseher,
        *drucker, *patrone, *patronen, *akku, *batterie, *lampe, *leuchte, *stuhl, *tisch, *sofa, *bett, *matratze,
        *kissen, *decke, *handtuch, *handtücher, *teppich, *vorhang, *regal, *pfanne, *topf, *messer, *tasse,
        *becher, *flasche, *kocher, *maschine, *mixer, *sauger, *gerät, *kochfeld, *bohrer, *werkzeug, *zelt,
        *fahrrad, *helm, *spielzeug, *puppe, *puzzle, *spiel, *buch, *creme, *shampoo, *parfum, *parfüm, *seife,
        *kerze, *tee, *kaffee, *wein, *schokolade, *pflanze, *pflanzen, *set, *spieler, teil, teile, stück""",
    verdicts="""gut, gute, guter, gutes, prima, super, toll, tolle, tolles, toller, perfekt, perfekte, perfekter,
        perfektes, hervorragend, ausgezeichnet, ideal, klasse, spitze, top, genial, fantastisch, großartig,
        wunderbar, einwandfrei, schlecht, schlechte, mies, miserabel, furchtbar, fürchterlich, schrecklich,
        minderwertig, ungeeignet""",
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
