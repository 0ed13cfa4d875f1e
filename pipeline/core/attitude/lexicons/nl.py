"""The shipped words of Dutch."""

from pipeline.core.attitude.vocabulary import Vocabulary

DUTCH = Vocabulary(
    words={
        "delivery": """lever*, gelever*, nalever*, aflever*, afgelever*, *levering, *leveringen, *levertijd*, bezorg*,
            thuisbezorg*, verzend*, verzonden, verzending, verstuur*, verstuurd, opgestuurd, koerier*, postnl, dhl,
            dpd, =ups, beloofde dag, afgesproken dag, afgesproken datum, beloofde datum, te laat, op tijd,
            vertraging*, vertraagd*, dagen te laat, later dan beloofd, later dan verwacht, later dan afgesproken,
            laat binnen, snel binnen, snel in huis, snel thuis, nooit ~ ontvangen, niet ~ ontvangen, nog ~ ontvangen,
            ontvangen op, snel ontvangen, nog ~ niets binnen, nog ~ niet binnen, nooit binnen, niet binnen, wacht ~
            op mijn bestelling, lang duur, duurde ~ lang, duurt ~ lang, bestelling ~ binnen, kwam ~ dag, kwam snel,
            was er snel, was er de, kwam in ~ delen, track and trace, track en trace, er binnen ~ dagen, keurig op
            tijd, verzendkosten, bezorgkosten, buren afgegeven, buren afgeleverd, op zich wachten, kwam pas, pas na,
            week later, weken later, *bezorging, kwam niet opdagen, niet gekomen, kwam nooit, nooit gekomen, gratis
            verzending, =dagen later, postbode, bezorgd, had ~ mijn bestelling, nooit aangekomen, niet aangekomen,
            snel aangekomen, heel aangekomen, binnengekomen, de dag erna, zoekgeraakt, pakket kwijt, pakket ~ kwijt,
            wachttijd, lang wachten op, op de mat, op de stoep, voor de deur, aan de deur, brievenbus, in de bus,
            dezelfde dag, zelfde dag, volgende ochtend, de volgende dag al, volgende dag al, volgende dag in huis,
            besteld ~ volgende dag, vandaag besteld, gisteren besteld, morgen in huis, vandaag in huis, kwam ~ snel,
            kwam ~ laat, kwam netjes, kwam precies, kwam mooi, kwam binnen, snel gekregen, snel bij mij, snel hier,
            vlot binnen, vlot ontvangen, vlot in huis, goed ontvangen, netjes ontvangen, goed aangekomen, netjes
            aangekomen, veilig aangekomen, mooi aangekomen, kapot aangekomen, nooit gekregen, niet gekregen, nog niet
            gekregen, nog steeds niks, nog steeds niets, nog steeds niet binnen, nog steeds niet ontvangen, nog
            steeds niet gekregen, niks ontvangen, niets ontvangen, nooit iets ontvangen, chauffeur, bestelbus,
            pakketbezorger*, pakketdienst, postpakket, gls, bpost, homerr, trunkrs, fedex, post nl, besteldienst,
            vervoerder, transporteur, dag eerder, dag vroeger, eerder dan verwacht, eerder dan gepland, eerder dan
            beloofd, eerder dan gedacht, weken te laat, uren te laat, veel te laat, duurde eeuwen, duurde weken,
            duurde ~ weken, duurde ~ dagen, duurde ~ eeuwigheid, duurde eindeloos, lang gewacht op, zitten wachten
            op, thuisgebleven, thuis gebleven, thuis zitten wachten, gewoon thuis, waren thuis, hele dag thuis, dag
            vrij genomen, aangebeld, aan te bellen, over de schutting, over het hek, over de poort, neergekwakt,
            gedumpt, achtergelaten, deur gezet, buiten gezet, buiten laten staan, in de regen, in de stromende regen,
            =buren, buurman, buurvrouw, verkeerd adres, verkeerde adres, verkeerd huisnummer, verkeerde huisnummer,
            op de afgesproken, zoek geraakt, zoekgeraakte, verloren gegaan, spoorloos, nooit ontvangen, wachten op ~
            bestelling, wachten op ~ pakket, bestelling gemist, te laat voor, net op tijd, ruim op tijd, mooi op
            tijd, precies op tijd, razendsnel, bliksemsnel, gisteren al binnen, wanneer het zou komen, tijdsblok, lag
            ~ in de bus, avondbezorging, gekozen tijdstip, opgehaald bij, douane, retour afzender, verzendig,
            gelevert, dag van tevoren, spoedbestelling, zo snel in huis, bij het afhaalpunt, weken geduurd voor ~
            bestelling, supersnelle, =busje, over de heg gegooid, deur gegooid, tuin gegooid, afgegeven bij, bij de
            buren, nog altijd niet ontvangen, nog altijd niet binnen, nog altijd niet geleverd, te vroeg geleverd,
            veel te vroeg, voor de deur neergezet, buiten neergezet, snel verzonden, snel en goed geleverd, nog
            steeds wachten, wachten nog, =tijdig, bij het depot, naar het depot, sorteercentrum, pakket van iemand,
            kwam langs, langs geweest, langs gekomen, langskwam, track & trace, =kwijtgeraakt""",
        "delivery_options": """afhaal*, afhalen, ophalen, ophaalpunt*, pakketpunt*, servicepunt*, bezorgmoment*,
            bezorgdag*, bezorgtijd*, bezorgvenster*, levermoment*, tijdvak*, tijdslot*, gekozen tijd*, avondlevering*,
            op zaterdag, in het weekend, =buren, buren afgegeven, buren afgeleverd, =buurman, =buurvrouw, andere dag,
            ander adres, verkeerd adres, adres wijzig*, adreswijziging*, adres ~ aanpas*, adres ~ verander*,
            pakketautomaat, pakketkluis, in de winkel ophalen, zelf ~ dag kiezen, postkantoor, avondbezorging,
            avondbezorg*, bij mij ~ ophalen, zaterdagbezorging, zaterdaglevering, opgehaald bij, in de buurt ophalen,
            afleveradres, bezorgadres, ander afleveradres, gekozen tijdstip, zelf kiezen wanneer, bij de buren, met de
            buren, bij buren""",
        "packaging": """verpak*, *verpakking, *verpakkingen, ingepakt*, inpak*, bubbelfolie, hoop plastic, veel plastic,
            zoveel plastic, scherven, vulling, inpakken, in te pakken, omverpakking, noppenfolie, luchtkussen*,
            luchtkussentjes, piepschuim, vulmateriaal, opvulmateriaal, papiersnippers, plastic zak, plastic meer,
            minder plastic, zonder plastic, onnodig ~ plastic, al dat plastic, bergen plastic, plasticvrij, plastic
            vrij, envelop, enveloppe, verzegeld, verzegeling, geseald, cadeaupapier, cadeauverpakking, inpakpapier,
            kadopapier, kadoverpakking, krimpfolie, doos zo groot, enorme doos, te grote doos, gigantische doos, aan
            stukken, aan diggelen, aan gruzelementen, in duizend stukjes, plakband, geschenkverpakking, zat los in,
            plastic zakjes, uitgepakt, dicht getaped, dichtgetapet, enorm grote doos, veel te grote doos, goed
            ingepakt, uit de verpakking, zat los in de doos, los in de doos, goed beschermd verpakt, doos ~
            gescheurd, verpakking ~ gescheurd, pakket ~ gescheurd""",
        "completeness": """incompleet, onvolledig*, volledig geleverd, volledige bestelling, ontbrak, ontbreken,
            ontbrekend*, mist er, miste er, mis nog, verkeerd* ~ geleverd, verkeerd* ~ bezorgd, artikel in de doos,
            verkeerde artikel*, verkeerd artikel, verkeerde product*, verkeerd product, verkeerde maat, verkeerde
            kleur, verkeerde model, verkeerd model, verkeerd geleverd, verkeerde bestelling, verkeerde gekregen,
            verkeerde ontvangen, verkeerde gestuurd, verkeerd gestuurd, deellevering*, alles erin, alles zat erin, in
            delen, in ~ delen, halve bestelling, deel van ~ bestelling, wat ik besteld, wat ik had besteld, wat ik heb
            besteld, wat ik bestelde, niet wat ~ besteld, fout ~ bestelling, te weinig gekregen, in plaats van de
            bestelde, alles compleet, bestelling compleet, zat er niet bij, zat niet bij, niet bijgeleverd, zonder
            oplader, kreeg ~ in plaats van, onderdeel ontbrak, onderdelen ontbraken, schroefje, stuks te weinig, te
            weinig geleverd, ander artikel gekregen, iets anders gekregen, helft gekregen, de helft ~ gekregen, maar de
            helft, mist nog, gemist onderdeel, er mist, er miste, er ontbreekt, onderdeel mist, onderdelen missen, niet
            compleet, niet volledig, half geleverd, alles erbij, alles zat erbij, alles zat er bij, zat alles bij,
            alles aanwezig, alles was aanwezig, alles was er, bestelling klopt, klopte precies, precies wat ik besteld,
            exact wat ik besteld, precies wat ik had, niet besteld, niet wat ik heb besteld, anders dan besteld, heel
            iets anders, iets anders gestuurd, iets anders ontvangen, iets anders geleverd, iets heel anders, andere
            kleur ontvangen, andere kleur gestuurd, verkeerde spullen, verkeerde pakket, verkeerd pakket, verkeerde
            onderdelen, verkeerde boek, verkeerde smaak, verkeerde versie, verkeerde aantal, verkeerd aantal, verkeerde
            exemplaar, verkeerde schoenen, verkeerde type, verkeerd type, verkeerd opgestuurd, verkeerd ~ gestuurd,
            verkeerd ~ ontvangen, verkeerd ~ gekregen, verkeerd ~ opgestuurd, foute artikel, foute product, foute maat,
            foute kleur, foute bestelling, fout geleverd, foutieve*, foutief, een in plaats van twee, in plaats van
            twee, in plaats van drie, in plaats van 2, in plaats van 3, maar een ontvangen, maar een gekregen, maar 1
            ontvangen, maar 1 gekregen, slechts een ontvangen, slechts 1, eentje te weinig, 1 te weinig, te weinig
            stuks, te weinig ontvangen, minder geleverd, minder ontvangen, stuks ontvangen, stuks gekregen, helft
            ontbrak, helft miste, halve pakket, besteld en ~ gekregen, twee linker*, twee verschillende, geen oplader,
            zonder schroeven, vergeten mee te sturen, vergeten in te pakken, vergeten bij te, niet meegestuurd, niet
            meegeleverd, niet erbij, zat niet in, zat er niet in, bestelling van iemand anders, van iemand anders,
            pakket van iemand, dubbel gestuurd, dubbel geleverd, dubbel ontvangen, dubbele bestelling, miste een
            onderdeel, miste een schroef, schroefjes misten, schroeven misten, besteld en ~ ontvangen in plaats van,
            geen handleiding, =misten, =missende, schroefjes bijzaten, zat geen handleiding, zaten geen schroeven""",
        "stock": """uitverkocht*, *voorraad*, leverbaar*, niet leverbaar, leverbaarheid, nabestel*, beschikbaar, niet
            meer verkrijgbaar, verkrijgbaar, bestelling ~ geannuleerd, geannuleerd, in mijn maat, mijn maat ~
            uitverkocht, maat ~ uitverkocht, maat ~ niet op voorraad, maat ~ leverbaar, niet meer te krijgen, tijdelijk
            niet, niet meer te koop, steeds op, nergens meer te krijgen, nergens te krijgen, niet te krijgen, niet meer
            leverbaar, uit het assortiment, uit assortiment, niet meer in het assortiment, uit de handel, steeds
            uitverkocht, geannulleerd, geanuleerd, gecanceld, geannuleert, bestelling annuleren, wachtlijst, pre order,
            niet meer gemaakt, niet op vooraad, vooraad, bijbestellen, bij te bestellen, weer binnen, was al op, was
            weer op, stond op voorraad, weer op voorraad""",
        "choice": """keuze*, *keuze, keus, assortiment*, *assortiment, aanbod, =maten, sortering, collectie, variatie,
            veel te kiezen, alles te vinden, kunt er alles vinden, voor ieder wat wils, gevarieerd, =grote =maten,
            =kleine =maten, veel merken, mooie merken, bekende merken, goede merken, verscheidenheid, diversiteit,
            scala, veel soorten, veel modellen, breed scala, zo weinig voor, weinig voor, weinig te vinden voor,
            weinig te kiezen, niets te vinden, meer kleuren, meer maten, maten voor, ruime sortering, alles wat je
            zoekt, alles wat ik zocht, alles op een plek, alles op 1 plek, nergens anders, niet in de winkel te
            vinden, bijzondere dingen, bijzondere producten, bijzondere spullen, unieke producten, unieke spullen,
            originele cadeaus, originele spullen, voor elk wat wils, wat wils, te kust en te keur, ze hebben echt
            alles, meer aanbieden, zouden jullie ook, nieuwe collectie, jammer dat jullie geen, jammer dat ze geen,
            zo weinig is voor, weinig is voor, weinig aanbod, jammer dat er zo weinig, ruim assortiment, veel leuke
            dingen, zoveel leuks, veel leuks, genoeg te kiezen, zoveel keus, hebben alles wat, veel verschillende
            producten, veel verschillende artikelen, veel verschillende merken, veel verschillende modellen, veel
            verschillende soorten, veel verschillende kleuren, veel verschillende maten, zoveel verschillende
            producten, zoveel verschillende merken""",
        "quality": """kwaliteit*, *kwaliteit, kwalitatief, slijtage, versleten, verslijten, slijten, stuk gegaan, ging ~
            stuk, gaat ~ stuk, is ~ stuk, was ~ stuk, degelijk*, ondeugdelijk*, deugdelijk, deugt niet, materiaal,
            materialen, wanproduct*, stof, stofje, stoffen, flinterdun, voelt ~ goedkoop, ziet er goedkoop uit, oogt
            goedkoop, afgewerkt, afwerking, laat los, liet los, losgelaten, gekrompen, krimp*, verkleurd, verkleurt,
            verbleekt, kleur ~ weg, pilt, pluist, zachte, zacht, comfortabel, zit heerlijk, zit lekker, lopen
            heerlijk, lopen lekker, ligt heerlijk, slaapt heerlijk, gaat ~ lang mee, gaat jaren mee, gaan ~ lang mee,
            lang mee, duurzame kwaliteit, goed product, prima product, slecht product, mooi product, product is goed,
            product is prima, top product, geur, ruikt, stinkt, smaak, smaakt, zakt, ingezakt, doorgezakt, rammelt,
            wiebelt, wankel, gammel, lekt, houdbaar*, hoes past niet, vlek, vlekken, afgebroken, brak, breekt,
            losgekomen, uitgelubberd, uitgerekt, prikt, kriebelt, jeukt, roest, roestig, lek, lekken, waterdicht,
            ongemakkelijk, vervormd, barst, rammelen, kraakt, oncomfortabel, naden, naad, rits, zool, zolen, gaat
            los, gaan los, zit los, werkt na, geweldig product, prachtig product, fijn product, super product, goede
            producten, mooie producten, fijne producten, geweldige producten, prachtige producten, slechte producten,
            product is top, product is super, doet wat het moet doen, doet wat het belooft, doet zijn werk, doen wat
            ze moeten doen, vers, verse, goed gemaakt, slecht gemaakt, mooi gemaakt, netjes gemaakt, mooi exemplaar,
            prachtig exemplaar, accu, batterij, kleurvast, vaal, draagcomfort, draagt fijn, draagt heerlijk, draagt
            lekker, comfort, ademend, makkelijk in elkaar, eenvoudig in elkaar, makkelijk te monteren, eenvoudig te
            monteren, blaren, bladdert, afgebladderd, rafelt, rafels, scheurt, uit elkaar gevallen, viel uit elkaar,
            valt uit elkaar, los naadje, slechte stof, beeld is, geluid, uitgevoerd op, mooi papier, mooi uitgevoerd,
            onleesbaar, niet leesbaar, afspeelbaar, niet afspeelbaar, laadt niet, laadt niet op, laden niet, oplaadt,
            gaat niet aan, gaat niet meer aan, start niet, start niet op, niet aan te zetten, niet meer aan, slaat
            af, valt uit, valt steeds uit, hapert, bluetooth, wifi, sluit goed, niet dicht, gaat niet dicht, blijft
            niet, plakt niet, hecht niet, nog steeds ~ goed, doet het nog, doet het nog steeds, doet het prima, doet
            het goed, doet het super, doet het perfect, doet het uitstekend, doet het weer, doet het na, deed het
            maar, hield ermee op, ermee opgehouden, gaf de geest, geest gegeven, begaf het, het begeven, overleden
            na, stopte ermee, stopte na, al stuk, meteen stuk, direct stuk, snel stuk, nu al stuk, maanden stuk,
            weken stuk, dagen stuk, =stuk na, stuk na, gaat stuk, maandag exemplaar, maandagexemplaar, half dood,
            halfdood, doodgegaan, dood gegaan, dood aangekomen, dood na, verlept, verdord, uitgedroogd, bloeit,
            gezonde planten, verrot, beschimmeld, schimmel, over de datum, over datum, tht, smelt, gesmolten,
            heerlijk product, niet te eten, niet lekker, smerig, smakelijk, heerlijke smaak, mijn huid, huiduitslag,
            allergisch, irritatie, geirriteerd, plakkerig, vettig, vet haar, hydrateert, trekt snel in, trekt goed
            in, geen effect, helpt echt, helpt goed, helpt tegen, hielp niet, helpt super, helpt perfect, geen
            verschil, merk ~ verschil, merk ~ niks van, verschil gemerkt, geen baat, baat bij, in de prullenbak,
            prullenbak, in de vuilnisbak, in de kliko, kliko, vuilnisbak, weggegooid, gooi het weg, rotzooi, prul,
            prullaria, rampproduct, rot ding, rotding, kutding, miskoop, jarenlang plezier, jaren plezier, jaren in
            gebruik, al jaren in gebruik, jaren mee, maanden mee, gaat al ~ mee, nog als nieuw, zo goed als nieuw,
            nog steeds mooi, elke dag gebruik*, dagelijks in gebruik, elke dag aan, na ~ wassen, na ~ keer wassen, na
            ~ wasbeurt, na een wasbeurt, na 1 wasbeurt, wasbeurt, uit de was, wasmachine, na ~ keer gebruiken, na ~
            keer dragen, na 1 keer, na een keer, na twee keer, een keer gebruikt, 1 keer gebruikt, keer gedragen,
            pluizen, pilling, bandjes, handvat, deksel, wieltjes, wielen, scharnier*, voering, elastiek, klittenband,
            binnenzool, zooltjes, draadjes, losse draadjes, los draadje, slordig, kromgetrokken, wiebelig, waggelt,
            instabiel, onstabiel, stevigheid, robuust, solide, hoogwaardig*, degelijk, minderwaardig*, inferieur,
            goedkoop plastic, goedkoop materiaal, goedkope troep, goedkope rommel, goedkope stof, goedkope
            uitstraling, plasticachtig, nepleer, nep leer, echt leer, linnen, polyester, doorschijnend*, doorzichtig,
            schijnt door, dunne stof, dun stofje, dikke stof, dikke kwaliteit, lekker warm, heerlijk warm, te warm,
            zweten, waterproof, water dicht, waterafstotend, loopt lekker, lopen fijn, loopt fijn, zitten lekker,
            zitten heerlijk, ligt lekker, ligt fijn, slaapt lekker, slaapt fijn, slaap ~ beter, demping, blaar, vies
            binnen, vies aangekomen, al gebruikt, al eens gebruikt, al gedragen, eerder gedragen, eerder gebruikt, al
            geopend, krasje, krasjes, vol krassen, verroest, verkleuring, kleur verbleekt, kleurt af, losgeraakt,
            brak af, gebroken binnen, stofzuigt, zuigkracht, fragiel, breekbaar, lawaai, herrie, maakt ~ geluid,
            geluidskwaliteit, geruisloos, beeldkwaliteit, scherm, display, beeldscherm, helder beeld, haarscherp,
            oververhit, wordt heet, wordt warm, wordt te heet, trage tablet, traag apparaat, installeren,
            geinstalleerd, aangesloten, handleiding, gebruiksaanwijzing, instructies, monteren, in elkaar schroeven,
            in elkaar geschroefd, gaten niet, gaten kloppen, bouwpakket, eenvoudig in gebruik, gebruiksgemak,
            gebruiksklaar, makkelijk schoon*, makkelijk schoon te, lastig schoon*, schoon te maken, makkelijk te
            bedienen, bedieningspaneel, lastig te openen, onpraktisch, multifunctioneel, veelzijdig, prima
            kwalitatief, mooi afgewerkt, netjes afgewerkt, slecht afgewerkt, uitstekend product, fantastisch product,
            tof product, leuk product, product werkt, product voldoet, product doet, tevreden over het product, blij
            met het product, tevreden met het product, prachtige steen, voldoet perfect, voldoet niet, doet precies
            wat, zag er super uit, zag er goed uit, zag er netjes uit, zag er nieuw uit, in goede staat, in nette
            staat, in prima staat, in perfecte staat, staat van het boek, slechte staat, goede staat, houdbaarheid,
            houdbaarheidsdatum, ruiken, stank, chemische geur, parfum, geurtje, meurt, ranzig, vers brood, oud brood,
            doorlekt, lekkage, goed resultaat, mooi resultaat, geen resultaat, prachtig resultaat, nog steeds doet,
            nog steeds goed, hij doet het nog, doet het nog altijd, geluid is, sterk materiaal, heel warm, te hard,
            veel te hard, heerlijk zacht, scherpe messen, waardeloos spul, niet lezen, download werkt niet, sluit
            niet goed, sluit niet af, sluit niet aan, knoop ~ af, knopen ~ af, knoopje los, elke dag gebruikt, al
            jaren mee, jaren lang mee, halve dag mee, uur mee met, bandje brak, bandje los, dop sluit, deksel sluit,
            deksel past, makkelijk op te bouwen, mooi spul, goed spul, heerlijk spul, top spul, geweldig spul, prima
            spul, slecht spul, goedkope rotzooi, heerlijk zittend, niet opladen, snel leeg, gauw leeg, accu leeg,
            vieze smaak, vieze lucht, muffe lucht, muffe geur, lucht aan, erg hard, keihard, mooie dikke, vieze
            plekken, slecht leesbaar, goed leesbaar, slecht vertaald, nette staat, als nieuw uit, ziet er als nieuw,
            huid voelt, huid wordt, huid ~ zachter, =piept, piept bij, in stukken aan, draagt prettig, draagt goed,
            draagt prima, draagt comfortabel, draagt licht, draagt niet fijn, draagt ~ lekker, draagt ~ fijn, fijn te
            dragen, lekker te dragen, zit fijn, zit prettig, zit comfortabel, zit ~ goed op, sterk, sterke,
            lichtgewicht, licht gewicht, =lichte, doordacht, afgewerkte, soepel leer, soepele, goede indeling,
            handige indeling, praktische indeling, goede verdeling, slijt, sneller dan verwacht kapot, laten los,
            gaat lang mee, lang meegaat, tegen een stootje, goede bescherming, beschermt goed, goed beschermd,
            regenbestendig, regen bestendig, waterbestendig, blijft droog, blijven droog, draagt ~ prettig, draagt ~
            comfortabel""",
        "fit": """pasvorm, past, pasten, passen niet, past niet, paste niet, passend, valt ~ klein, valt ~ groot, valt ~
            kleiner, valt ~ groter, vallen ~ klein, vallen ~ groot, valt precies, valt goed, valt ~ ruim, maat
            groter, maat kleiner, =grotere maat, kleinere maat, juiste maat, andere maat, halve maat, maat te, mijn ~
            maat, =maat, maattabel, maatvoering, maattabellen, te klein, te groot, te strak, te krap, te wijd, te
            lang voor, te kort, te smal, te breed, zit goed, zat goed, zit te, zat ~ strak, kleur, kleuren, op de
            foto, op de foto's, van de foto, dan de foto, als de foto, zoals op de foto, foto klopt, foto's,
            omschrijving, beschrijving, zoals beschreven, zoals omschreven, zoals afgebeeld, afbeelding, komt
            overeen, komt niet overeen, mouwen, mouw, knelt, knellen, hak, aan de lange kant, aan de korte kant, aan
            de kleine kant, aan de grote kant, aan de krappe kant, maatadvies, model valt, lengte, breedte, wijdte,
            tint, formaat, afmeting*, kleiner dan, groter dan, langer dan, korter dan, breder dan, donkerder dan,
            lichter dan, correct beschreven, juist beschreven, zag er anders uit, ziet er anders uit, getailleerd,
            tailleband, taille, te nauw, misleidend, boord, spant, schoenmaat, valt klein, valt groot, valt ~ smal,
            valt ~ lang, valt ~ kort, valt ~ wijd, valt ~ breed, valt ~ strak, vallen ~ smal, vallen ~ ruim, vallen ~
            kort, vallen ~ lang, vallen ~ wijd, vallen goed, vallen precies, klein uitgevallen, groot uitgevallen,
            zit als gegoten, als gegoten, zit perfect, zitten perfect, zit mooi, zit ~ ruim, zit ~ los, zitten te,
            zitten ~ strak, zitten goed, slobbert, slobberig, kruipt op, kruipt omhoog, zakt steeds af, afzakken,
            schuurt, wrijft, bij de tenen, kuiten, bovenbenen, dijen, smalle voet, brede voet, pijplengte, normaal
            maat, normaal heb ik, normaal draag ik, draag normaal, heb normaal, draag altijd, een medium, een large,
            een small, maat m, maat l, maat s, maat xl, maat 36, maat 38, maat 40, maat 42, maat 44, cm te, cm
            korter, cm langer, cm kleiner, cm groter, centimeter te, veel kleiner, veel groter, smaller dan, strakker
            dan, ruimer dan, dikker dan, dunner dan, in het echt, in het echie, in werkelijkheid, in real life,
            kleurverschil, kleurafwijking, lichter van kleur, niet wit maar, niet zwart maar, op de plaatjes, op het
            plaatje, op de afbeelding, volgens de omschrijving, volgens beschrijving, volgens omschrijving, volgens
            de tekst, stond omschreven, staat omschreven, stond aangegeven, aangegeven staat, conform beschrijving,
            conform omschrijving, klopt niet met, productinformatie, productomschrijving, specificaties,
            geadverteerd, misleiding, lijkt ~ niet op, lijkt in niets, lijkt niet op, lijkt nergens op, niet te
            vergelijken met, ander model dan, anders dan op, anders dan verwacht, anders dan omschreven, anders dan
            beschreven, anders dan afgebeeld, afwijkend*, een andere kleur dan, mooier dan op, net als op, net zoals
            op, heel anders uit, in maat, xl besteld, xl genomen, een xl, medium besteld, large besteld, medium
            gekocht, beter een large, zakt steeds naar beneden, pijpen zijn, =bleker, =geler, =donkerder, site stond,
            site staat, website stond, website staat, wijkt ~ af van, kleur wijkt af, een maatje, als op het plaatje,
            van het plaatje, bij de heupen, bij de schouders, bij de borst, bij de taille, om de heupen, normale maat
            heb, bij de hak, verwacht op basis van de foto, precies zoals op, exact zoals op, precies zoals
            afgebeeld, exact zoals afgebeeld, precies zoals omschreven, te =ruim, erg klein, heel klein, vrij klein,
            wat klein, beetje klein, erg groot, heel groot, groter dan verwacht, maatje, smalle""",
        "price": """=prijs, prijzen, *prijs, *prijzen, prijzig*, prijskwaliteit, =duur, =dure, duurder, te duur,
            goedkoper, goedkoopst, goedkope winkel, heel goedkoop, lekker goedkoop, voordelig, korting, kortingen,
            *korting, *kortingen, afgeprijsd, betaalbaar*, verzendkosten, *kosten, kost ~ euro, aanbieding*, in de
            aanbieding, uitverkoop, sale, waar voor ~ geld, zonde van ~ geld, geld waard, volle prijs betaal*, betaalde
            ~ volle prijs, betaalde ~ prijs, prijs betaald, goedkope, halen ~ betalen, spotprijs, gratis verzending,
            prijsje, geldklopperij, =koopje, retourkosten, geprijsd, tarief, tarieven, goedkoopste, te veel betaald,
            voor ~ euro, euro voor, euro duurder, euro goedkoper, euro minder, euro verzendkosten, tientje goedkoper,
            tientjes, voor dat geld, voor dit geld, voor het geld, voor zo weinig geld, voor weinig geld, te veel geld,
            bespaard, bespaar*, betaal je, betaal je voor, betaal ik, betaal toch, wat je betaalt, wat je ervoor
            betaalt, wat ik ervoor betaald, minder betaald, moeten betalen voor verzending, verzending betalen,
            verzendtarief, bezorgtarief, gratis bezorging, gratis verzonden, gratis verzend*, gratis bezorgd, gratis
            retour, invoerrechten, invoerkosten, inklaringskosten, minimum bestelbedrag, minimale besteding, goed
            geprijsd, scherp geprijsd, scherpe prijs, prijsverschil, prijsverhoging, prijsstijging, prijsopdrijving,
            prijsgarantie, prijsklasse, prijskaartje, duurkoop, peperduur, pittige prijs, stevige prijs, stevig
            geprijsd, aan de dure kant, aan de prijs, elders goedkoper, =budget, budgetvriendelijk, betaalbaar, niet
            duur, niet goedkoop, spotgoedkoop, spot goedkoop, schappelijk, redelijk geprijsd, woeker*, afzetterij,
            afzetters, oplichterij voor, belachelijk duur, schandalig duur, onbetaalbaar, zijn geld waard, het geld
            waard, geld niet waard, elke cent waard, elke euro waard, weggegooid geld, zonde geld, zonde van het geld,
            actieprijs, black friday, aanbiedingsprijs, tweede gratis, tweede halve prijs, 1 plus 1, halve prijs, van
            89 voor, goedkoper bij, goedkoper op, goedkoper in, afgeprijst, in prijs verlaagd, in de sale, /voor
            (?:maar |slechts )?€ ?[0-9]+/, het waard, zijn prijs waard, prijs waard, mag je niet klagen, voor 5 euro,
            voor 10 euro, voor 12 euro, van ~ euro, kost ~ geld, kostte, best duur, vrij duur, erg duur, nogal duur,
            heel duur, zo duur, aan de prijzige kant, leuke acties, goede acties, mooie actie, de actie, goedkoop
            en""",
        "payment": """afrekenen, afrekening, afgerekend, betaling*, betaalmethode*, betaalwijze*, betaalmogelijkheid*,
            betaaloptie*, betalen met, betalen via, achteraf betaal*, achteraf betalen, ideal, klarna, paypal,
            creditcard*, bancontact, factuur, facturen, rekening klopt, *mandje, winkelmand*, winkelwagen*, al betaald,
            reeds betaald, dubbel betaald, dubbel afgeschreven, afgeschreven, aanmaning, herinnering, incasso, pinnen,
            in termijnen, bankpas, pinpas, pas geweigerd, betaling geweigerd, betaling mislukt, betalen lukte, apple
            pay, google pay, riverty, achteraf ~ betalen, betalen ging, kon niet betalen, niet betalen, niet kon
            betalen, afrekenscherm, betaalscherm, betaalpagina, betaalproblemen, betaalverzoek, betaallink, twee keer
            afgeschreven, 2x afgeschreven, twee keer betaald, 2x betaald, 2 keer betaald, 2 keer afgeschreven, geld
            afgeschreven, bedrag afgeschreven, van mijn rekening, in rekening gebracht, dubbel in rekening, mastercard,
            cadeaukaart niet inwisselen, gespreid betalen, in3, overschrijving, rembours, facturatie,
            betaalherinnering*, incassobureau, automatische incasso, betaaltermijn, met ideal, pinbetaling""",
        "website": """website*, =site, =sites, webpagina, =pagina, app, navigatie, zoekfunctie*, filter, filters, zoeken
            op, inloggen, inlog*, ingelogd, mijn account, laadtijd*, duidelijke foto's, gebruiksvriendelijk*,
            bestellen ging, bestellen gaat, bestellen is, bestellen verloopt, makkelijk bestel*, makkelijk te
            bestel*, makkelijk bestellen, eenvoudig bestel*, eenvoudig bestellen, bestelproces, bestelling ~
            plaatsen, bestelling plaatsen, webshop is, webwinkel is, webshop werkt, webshop ~ traag, op de webshop,
            online bestellen, bestellen via, bestel via, zo gevonden, snel gevonden, makkelijk gevonden, meteen
            gevonden, gevonden wat ik zocht, vind je alles, vinden wat je zoekt, vind je snel, makkelijk te vinden,
            paar klikken, twee klikken, doorklikken, wachtwoord, uitgelogd, uitloggen, account aanmaken, foutmelding,
            laadt traag, laadt langzaam, bestelknop, mobiele versie, pop up, popup, popups, zoekmachine, zoekbalk,
            zoekfunctie, zoekopdracht, zoekresultaten, lay out, layout, homepage, scrollen, webwinkel werkt, webshop
            makkelijk, overzichtelijke webshop, duidelijke webshop, prettige webshop, mooie webshop, fijne webshop,
            handige webshop, duidelijke webwinkel, fijne webwinkel, makkelijke webshop, bestelling doorgeven,
            bestelling afronden, bestelling afgerond, bestelling geplaatst, plaatsen van ~ bestelling, eenvoudig te
            bestellen, simpel te bestellen, simpel bestellen, bestellen makkelijk, bestellen eenvoudig, bestellen
            simpel, in twee minuten besteld, minuten besteld, product toevoegen, bestelsysteem, link werkt, foute
            link, deze link, de link, op de knop, mijn gegevens, klik je, met een paar klikken, laden van de, pagina
            laadt, website ~ vast, site ~ vast, app ~ vast""",
        "returns": """*retour, retour*, geretourneerd, terugbetaling*, terugbetaald, terugbetalen, geld ~ terug, geld
            terug, garantie*, nieuwe gekregen, nieuw exemplaar, vervangen, vervanging, teruggave, creditnota,
            omwisselen, geld ~ op mijn rekening, geld teruggekregen, teruggekregen, terugkrijgen, geld terugkrijgen,
            retourdoos, bedenktijd, centen ~ terug, centen terug, geld nog steeds niet, geld nooit, geld nog niet,
            wacht op mijn geld, wachten op mijn geld, geld gestort, teruggestort, terug gestort, teruggeboekt, terug
            gekregen, vergoed, vergoeding, aankoopbedrag, restitutie, gerestitueerd, storno, gestorneerd, nieuw
            toegestuurd, nieuwe opgestuurd, gerepareerd, herroep*, zichttermijn, retourtermijn, terug gestuurd,
            terugstuurde, terugzending, terug gebracht, terugbracht, teruggegaan, terug gegaan, terug ermee, gingen
            terug, moest terug, dus terug, terugname, terug te brengen, omruilen, inruilen, mijn geld
            terug, mijn geld nog, mijn geld al, mijn geld niet, mijn geld nooit, geen geld terug, wil mijn geld, waar
            is mijn geld, waar blijft mijn geld, niet vergoed, kreeg een nieuwe, stuk teruggestuurd, terugnemen, niet
            terug nemen, weken op mijn geld, al ~ op mijn geld, wachten op ~ geld, wacht ~ op mijn geld""",
        "service": """klantenservice, klantenservise, klantendienst, =service, servicegericht, topservice, helpdesk,
            medewerker, medewerkers, medewerkster, personeel, meedenken, meegedacht, dacht ~ mee, dachten ~ mee, denkt
            ~ mee, denken ~ mee, behulpzaam*, vriendelijk*, onvriendelijk*, helpen graag, hielp mij verder, onbeleefd*,
            beleefd, kortaf, lomp, adviseren, geadviseerd, rechtgezet, deskundig, klantvriendelijk, bediening, serieus
            genomen, kundig, nemen de tijd, klantgericht, professioneel, netjes behandeld, goed behandeld, attent,
            adviezen, eerlijk advies, goed advies, deskundig advies, advies is, advies was, samenwerking, support,
            hulpvaardig, gastvrij, geduldig, hulp bij ~ keuze, helpen ~ keuze, geholpen met ~ keuze, heel aardig, erg
            aardig, aardige mensen, aardige dame, aardige man, aardige medewerker*, klantservice, klanten service,
            klantenserivce, klantenservic, customer service, supportteam, help desk, mevrouw aan, meneer aan, dame aan,
            heer aan, aardige meid, aardige mevrouw, aardige meneer, aardige jongen, lieve mensen, lieve mevrouw, fijne
            mensen, leuke mensen, top mensen, toffe mensen, aardig geholpen, goed geholpen, snel geholpen, netjes
            geholpen, prima geholpen, super geholpen, fantastisch geholpen, vriendelijk geholpen, slecht geholpen,
            geholpen door, te woord gestaan, te woord, keurig afgehandeld, netjes afgehandeld, correct afgehandeld,
            snel afgehandeld, goed afgehandeld, afhandeling klacht, netjes opgelost, snel opgelost, goed opgelost,
            keurig opgelost, super opgelost, direct opgelost, meteen opgelost, opgelost door, niet opgelost,
            oplossingsgericht, verantwoordelijkheid, neemt z'n verantwoordelijkheid, van het kastje, kastje naar de
            muur, afgepoeierd, afgewimpeld, afschuiven, schuiven ~ af, niet ons probleem, niet hun probleem, zoek het
            maar uit, zoek het zelf maar, bekijk het maar, bot behandeld, bot antwoord, onbeschoft, ongeinteresseerd,
            interesseert ze, onkundig, ondeskundig, incompetent, onprofessioneel, gelogen, voorgelogen, smoesjes,
            coulance, coulant, compensatie, gecompenseerd, tegemoetkoming, tegemoet gekomen, tegemoetkomend, niets was
            te veel, niks was te veel, niets te veel, te veel moeite, geen moeite te veel, niets is te gek, stapje
            extra, doen alles voor, doen hun best, ontzorgd, klant is koning, klant koning, klantgericht*,
            klantvriendelijk*, goede hulp, fijne hulp, snelle hulp, mens aan de lijn, standaard antwoord,
            standaardantwoord, standaardantwoorden, geknipt en geplakt, kopieren en plakken, duidelijk antwoord, uitleg
            gekregen, jullie helpen, kunt u mij helpen, lost niets op, lossen niets op, lossen het op, lost het op,
            recht gezet, goedgemaakt, goed gemaakt met, niet serieus genomen, echt mens, een mens spreken, mens te
            spreken, niemand helpt, helpt niemand, helpen je graag, goede uitleg van, super hulp, vriendelijke hulp,
            bedankt voor de hulp, voor de hulp, hulp gekregen, hulp gehad, hulp van, foto gestuurd en, gemeld en,
            netjes excuses, excuses gekregen, excuses aangeboden, geen excuses, met excuses, verkoper was, aardige
            verkoper, goede verkoper, fijne verkoper, met een mens""",
        "contact": """bereikbaar*, onbereikbaar*, te bereiken, telefonisch*, per telefoon, aan de telefoon, aan de lijn,
            gebeld, bellen, belde, belden, terugbellen, terug te bellen, teruggebeld, terugbel*, gemaild, mailtje*,
            mailtjes, mailen, per mail, op mijn mail, mails beantwoord, reactie, reacties, reageren, reageert,
            gereageerd, antwoord, antwoorden, antwoordt, beantwoord*, chatbot*, chat, communicatie, communiceren, op
            de hoogte, iets weten, niets gehoord, niks gehoord, hoor niets, hoor ~ niks, bericht, berichten,
            geinformeerd, informeren, updates, traceren, =volgen, contact, contacten, zonder ~ uitleg, zonder ~
            bericht, geen uitleg, geen idee waar, gesproken, iemand spreken, iemand te spreken, =telefoontje,
            whatsapp, doorverbonden, wachtrij, in de wacht, afgewimpeld, afgescheept, op de kaart zien, live volgen,
            verzendbevestiging, waar ~ spullen bleven, waar mijn pakket, waar mijn bestelling, waar het bleef,
            erachteraan, bevestigingsmail, mail gekregen, mail gestuurd, e mail, email, emails, sms, sms'je,
            opgebeld, nabellen, telefoonnummer, neemt op, neemt niemand op, opgehangen, wachtmuziek, wachttijden,
            geen gehoor, geen respons, respons, snel antwoord, geen antwoord, radiostilte, nooit meer iets gehoord,
            nooit meer gehoord, niets meer gehoord, niks meer gehoord, niets meer van gehoord, niet verteld,
            contactformulier, geen contact, contact opgenomen, contact gehad, via de chat, stuurde bericht, op de
            hoogte gehouden, hoogte gebracht, live chat, voicemail, callcenter, call center, terugmelding,
            terugkoppeling, niet gereageerd, kon zien waar, zien waar je pakket, zien waar mijn, moest ik zelf
            achteraan, zelf achteraan, achteraan bellen, per app, via de app contact, mail terug, mail beantwoord,
            mail niet, op mail, op mails, mails gestuurd, een mail, mail met, goed te volgen, gemeld, niet opgenomen,
            telefoon opgenomen, telefoon opneemt, de telefoon, prettig contact, fijn contact, weken achteraan,
            maanden achteraan, zelf achterna, er achteraan, veel mails""",
        "personalisation": """persoonlijk*, gepersonaliseerd*, maatwerk, op maat, aanbevolen producten, aanbevelingen,
            suggesties, op mij afgestemd, bij mij past, bij mij passen, bij mijn, handgeschreven, geschreven kaartje,
            kaartje erbij, naar mijn smaak, mijn smaak, mijn wensen, onze wensen, hun wensen, gegraveerd, gravure,
            graveer*, met naam, naam erop, naam erin, mijn naam, met de hand geschreven, kaartje met, op basis van
            mijn, gebaseerd op wat, relevant voor mij, voor mij relevant, eigen tekst, eigen foto, geborduurd, vaste
            klanten kennen""",
        "rewards": """spaarpunt*, mijn punten, punten gespaard, punten sparen, punten inwisselen, spaarprogramma*,
            spaarsysteem, klantenkaart*, nieuwsbrief, nieuwsbrieven, kortingscode*, kortingsbon*, actiecode,
            loyaliteit*, vaste klant*, trouwe klant*, cadeaubon*, cadeaukaart*, verjaardagskorting, reclamemail*,
            tegoedbon*, waardebon*, voucher*, couponcode, lidmaatschap, spam, verjaardagsbon, spaarpas, vaste klanten,
            =punten, spaaractie, zegeltjes, spaarzegels, spaarpunten verlopen, punten verlopen, puntensysteem, als
            vaste klant, als trouwe klant, trouwe klanten, nieuwe klanten, bestaande klanten, trouw beloond, cashback,
            vip, extraatje voor, welkomstkorting, welkomstcode, code werkte, code deed, code verlopen, de code,
            uitschrijven, mailinglijst, reclame mail, reclame mails, reclamemails, mails per dag, mailtjes per week,
            elke dag ~ mail, te veel mails, teveel mails, bestookt, ongewenste mail, kadobon, kadokaart, kado bon,
            verjaardagscadeau van jullie, bonuspunten, voordeelpas, klantenpas, ledenkorting, kortingskaart,
            waardebonnen, tegoedbonnen, kortingsbonnen, kortingscodes, spaarpunten, punten zijn, punten bij, select
            lid, bol select, in combinatie met select, met select, extra's krijgt, wat extra's, als lid, leden, korting
            als vaste, mails krijgen, veel mails""",
        "community": """beoordelingen, recensie*, ervaringen van anderen, forum, facebookgroep, andere klanten, andere
            kopers, andere gebruikers, community, goede reviews, slechte reviews, negatieve reviews, reviews gelezen,
            de reviews, reviews van, reviews op, veel reviews, reviews waren, op basis van reviews, basis van de
            reviews, nep reviews, nepreviews, fake reviews, vijf sterren gegeven, instagram, review geplaatst, review
            verwijderd, review niet, mijn review, op basis van ~ reviews, vanwege de reviews, door de reviews, reviews
            geven, klantreviews, reviews klopten, reviews kloppen, reviews beloofden""",
        "character": """sfeer, sfeervol*, uitstraling, mooie site, mooie winkel, gezellige winkel, fijne winkel met,
            eigen stijl, duurzaam, duurzamer, duurzaamheid, milieu*, milieuvriendelijk*, lokale producten, lokaal,
            eerlijke producten, karakter, karaktervol, fairtrade, recycl*, gerecycled*, klimaat*, mooi merk, waar ~
            vandaan komt, waar ~ gemaakt, wie het gemaakt, wie ze maakt, herkomst, kinderarbeid,
            arbeidsomstandigheden, eerlijke handel, eerlijke prijs voor de boer, eerlijk geproduceerd, ethisch,
            biologisch*, vegan, veganistisch, dierproefvrij, plasticvrij, plastic vrij, geen plastic, minder plastic,
            zonder plastic, al dat plastic, onnodig plastic, bergen plastic, hoop plastic, afvalberg, co2, uitstoot,
            voetafdruk, ecologisch*, composteerbaar, hergebruik*, hergebruikt, herbruikbaar, groen bedrijf, groene
            keuze, plaatselijk, klein bedrijf, kleine ondernemer, lokale ondernemer, familiebedrijf, mvo,
            greenwashing, tweede leven, originele winkel, originele webshop, waar het vandaan komt, plastic afval,
            onnodig afval, ecologisch, zonde van het milieu, minder afval""",
    },
    unless_denied={
        "packaging": "beschadigd*, beschadiging*, deuk, deuken, ingedeukt*, geplet, platgedrukt",
        "quality": """kapot*, defect*, gebroken, gebarsten, kras, krassen, bekrast, scheur, scheuren, mankement*,
            gebrek, gebreken, gat, gaten, gaatje, gaatjes, gescheurd*""",
        "returns": """terugsturen, terug te sturen, terug sturen, teruggestuurd*, stuur ~ terug, stuurde ~ terug,
            terugzenden, teruggezonden, terugbrengen, teruggebracht, ruilen, geruild, omruil*, omgeruild, gaat ~ terug,
            gaan ~ terug""",
        "service": "klacht, klachten, klacht*, klagen",
    },
    if_alone={
        "quality": """loopt vast, vastloopt, butsen, deukje, gedeukt, doet het niet, deed het niet, doen het niet, werkt
            niet, werkte niet, werkt niet meer, niet meer werk*, werkt prima, werkt goed, werkt perfect, werkt
            uitstekend, stevig, dun, nep, handig, praktisch, ontwerp, design, bruikbaar, onbruikbaar, nutteloos,
            nuttig, functioneel, werkt, werkend, werkt super, werkt top, fragiel, mooi ontworpen, slecht ontworpen,
            slecht gebouwd, waardeloos, functies, gebruiksvriendelijk*, effectief, handleiding, montage, makkelijk te
            gebruiken, eenvoudig te gebruiken, simpel te gebruiken, makkelijk in gebruik, moeilijk te gebruiken,
            lastig te gebruiken, in elkaar zetten, in elkaar te zetten, onhandig, doet het nog, doet het goed,
            onbetrouwbaar, in elkaar gezet, ideaal, multifunctioneel, werkt ~ niet goed""",
        "delivery": """wacht al, wacht nog op, volgende dag, onderweg, pakket*, weken wachten, in huis, aangekomen,
            binnen ~ dagen, binnen ~ uur, gearriveerd, pakketje, weken geduurd, =pakje, =pakjes, lang wachten, moest
            wachten, moest ik wachten, blijven wachten, dagen wachten, lang moeten wachten, wachten op de, wachten op
            mijn, wachten duurde, wachten op het, wachten tot, het wachten op, steeds wachten, wachten we, wachten op
            een""",
        "packaging": "doos, dozen, doosje, *doos, karton*",
        "service": "geholpen, opgelost, advies, vakkundig",
        "completeness": "ontbreekt, compleet",
        "fit": "klein uitgevallen, passen perfect, piepklein",
        "website": "overzichtelijk, onoverzichtelijk",
    },
    sayings="positieve punten, negatieve punten, sterke punten, zwakke punten, goede punten",
    things="""product, producten, artikel, artikelen, aankoop, koop, spullen, *tas, *tasje, *tassen, *rugzak, *rugzakje,
        *rugzakken, *koffer, *etui, *jurk, *jurkje, *shirt, *broek, *jas, *jasje, *trui, *vest, *bloes, *blouse,
        *rok, *rokje, *pak, *schoen, *schoenen, *laarzen, *sneakers, *slippers, *sokken, *sjaal, *muts, *pet, *riem,
        *bril, *horloge, *ketting, *armband, *oorbellen, *hoes, *hoesje, *lamp, *lampje, *stoel, *tafel, *kast,
        *matras, *kussen, *kussens, *deken, *dekbed, *handdoek, *handdoeken, *gordijn, *gordijnen, *kleed, *pan,
        *pannen, *messen, *mok, *beker, *fles, *machine, *stofzuiger, *apparaat, *apparaatje, *toestel, *telefoon,
        *oplader, *kabel, *koptelefoon, *oortjes, *speaker, *toetsenbord, *laptop, *tablet, *camera, *tv,
        *televisie, *printer, *cartridge, *batterij, *accu, *speelgoed, *pop, *puzzel, *spel, *boek, *boekje,
        *creme, *shampoo, *parfum, *thee, *koffie, *wijn, *chocolade, *fiets, *helm, *tent, *boor, *gereedschap,
        *plant, *planten, *set, *setje, ding, dingen, model""",
    verdicts="""goed, goede, fijn, fijne, prima, top, super, perfect, perfecte, ideaal, ideale, geweldig, geweldige,
        uitstekend, uitstekende, fantastisch, fantastische, heerlijk, degelijk, gaaf, slecht, slechte, waardeloos,
        waardeloze, belabberd""",
    negations="geen, niet, niets, niks, nooit, nergens, zonder, nauwelijks, niemand, noch",
    conjunctions="maar, hoewel, echter, terwijl, behalve, doch",
    lemmas={
        "maten": "maat",
        "stukken": "stuk",
        "kleuren": "kleur",
        "stof": "stof",
        "stoffen": "stof",
        "buren": "buur",
        "past": "passen",
        "pasten": "passen",
        "doos": "doos",
        "dozen": "doos",
    },
)
