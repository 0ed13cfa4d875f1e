"""The shipped words of Dutch."""

from pipeline.core.attitude.vocabulary import Vocabulary

DUTCH = Vocabulary(
    words={
        "delivery": """lever*, gelever*, nalever*, aflever*, afgelever*, *levering, *leveringen, *levertijd*,
            bezorg*, thuisbezorg*, verzend*, verzonden, verzending, verstuur*, verstuurd, opgestuurd, koerier*,
            postnl, dhl, dpd, =ups, beloofde dag, afgesproken dag, afgesproken datum, beloofde datum, te laat,
            op tijd, vertraging*, vertraagd*, dagen te laat, later dan beloofd, later dan verwacht, later dan
            afgesproken, laat binnen, snel binnen, snel in huis, snel thuis, nooit ~ ontvangen, niet ~
            ontvangen, nog ~ ontvangen, ontvangen op, snel ontvangen, nog ~ niets binnen, nog ~ niet binnen,
            nooit binnen, niet binnen, wacht ~ op mijn bestelling, lang duur, duurde ~ lang, duurt ~ lang, weken
            geduurd, bestelling ~ binnen, kwam ~ dag, kwam snel, was er snel, was er de, kwam in ~ delen, track
            and trace, track en trace, er binnen ~ dagen, keurig op tijd, verzendkosten, bezorgkosten, buren
            afgegeven, buren afgeleverd, op zich wachten, kwam pas, pas na, week later, weken later, langs,
            *bezorging, kwam niet opdagen, niet gekomen, kwam nooit, nooit gekomen, gratis verzending, =dagen
            later, postbode, bezorgd, had ~ mijn bestelling, binnen ~ dagen, nooit aangekomen, niet aangekomen,
            snel aangekomen, heel aangekomen, binnengekomen, binnen ~ uur, de dag erna, zoekgeraakt,
            kwijtgeraakt, pakket kwijt, pakket ~ kwijt, wachttijd, lang wachten op""",
        "delivery_options": """afhaal*, afhalen, ophalen, ophaalpunt*, pakketpunt*, servicepunt*, bezorgmoment*,
            bezorgdag*, bezorgtijd*, bezorgvenster*, levermoment*, tijdvak*, tijdslot*, gekozen tijd*,
            avondlevering*, op zaterdag, in het weekend, =buren, buren afgegeven, buren afgeleverd, =buurman,
            =buurvrouw, andere dag, ander adres, verkeerd adres, adres wijzig*, adreswijziging*, adres ~
            aanpas*, adres ~ verander*, pakketautomaat, pakketkluis, in de winkel ophalen, zelf ~ dag kiezen,
            postkantoor, avondbezorging, avondbezorg*, bij mij ~ ophalen, zaterdagbezorging, zaterdaglevering""",
        "packaging": """verpak*, *verpakking, *verpakkingen, ingepakt*, inpak*, bubbelfolie, hoop plastic, veel
            plastic, zoveel plastic, beschermd, scherven, vulling""",
        "completeness": """incompleet, onvolledig*, volledig geleverd, volledige bestelling, ontbrak, ontbreken,
            ontbrekend*, misten, mist er, miste er, mis nog, verkeerd* ~ geleverd, verkeerd* ~ bezorgd, artikel
            in de doos, verkeerde artikel*, verkeerd artikel, verkeerde product*, verkeerd product, verkeerde
            maat, verkeerde kleur, verkeerde model, verkeerd model, verkeerd geleverd, verkeerde bestelling,
            verkeerde gekregen, verkeerde ontvangen, verkeerde gestuurd, verkeerd gestuurd, deellevering*, alles
            erin, alles zat erin, in delen, in ~ delen, halve bestelling, deel van ~ bestelling, wat ik besteld,
            wat ik had besteld, wat ik heb besteld, wat ik bestelde, niet wat ~ besteld, fout ~ bestelling, te
            weinig gekregen, in plaats van de bestelde, alles compleet, bestelling compleet, zat er niet bij,
            zat niet bij, niet bijgeleverd, zonder oplader, kreeg ~ in plaats van, onderdeel ontbrak, onderdelen
            ontbraken, schroefje, stuks te weinig, te weinig geleverd, ander artikel gekregen, iets anders
            gekregen, helft gekregen, de helft ~ gekregen, maar de helft""",
        "stock": """uitverkocht*, *voorraad*, leverbaar*, niet leverbaar, leverbaarheid, nabestel*, beschikbaar,
            niet meer verkrijgbaar, verkrijgbaar, bestelling ~ geannuleerd, geannuleerd, in mijn maat, mijn maat
            ~ uitverkocht, maat ~ uitverkocht, maat ~ niet op voorraad, maat ~ leverbaar, niet meer te krijgen,
            tijdelijk niet, niet meer te koop, steeds op""",
        "choice": """keuze*, *keuze, keus, assortiment*, *assortiment, aanbod, =maten, sortering, collectie,
            variatie, veel te kiezen, alles te vinden, kunt er alles vinden, voor ieder wat wils, gevarieerd,
            =grote =maten, =kleine =maten, veel merken, mooie merken, bekende merken, goede merken,
            verscheidenheid, diversiteit, scala, veel soorten, veel modellen, breed scala""",
        "quality": """kwaliteit*, *kwaliteit, kwalitatief, slijtage, versleten, verslijten, slijten, stuk
            gegaan, ging ~ stuk, gaat ~ stuk, is ~ stuk, was ~ stuk, degelijk*, ondeugdelijk*, deugdelijk, deugt
            niet, materiaal, materialen, wanproduct*, stof, stofje, stoffen, flinterdun, voelt ~ goedkoop, ziet
            er goedkoop uit, oogt goedkoop, afgewerkt, afwerking, laat los, liet los, losgelaten, gekrompen,
            krimp*, verkleurd, verkleurt, verbleekt, kleur ~ weg, pilt, pluist, zachte, zacht, comfortabel, zit
            heerlijk, zit lekker, lopen heerlijk, lopen lekker, ligt heerlijk, slaapt heerlijk, gaat ~ lang mee,
            gaat jaren mee, gaan ~ lang mee, lang mee, duurzame kwaliteit, goed product, prima product, slecht
            product, mooi product, product is goed, product is prima, top product, namaak, geur, ruikt, stinkt,
            smaak, smaakt, zakt, ingezakt, doorgezakt, rammelt, wiebelt, wankel, gammel, lekt, houdbaar*, hoes
            past niet, vlek, vlekken, afgebroken, brak, breekt, losgekomen, uitgelubberd, uitgerekt, prikt,
            kriebelt, jeukt, roest, roestig, lek, lekken, waterdicht, ongemakkelijk, vervormd, barst, piept,
            rammelen, kraakt, oncomfortabel, naden, naad, rits, zool, zolen, gaat los, gaan los, zit los, werkt
            na, geweldig product, prachtig product, fijn product, super product, goede producten, mooie
            producten, fijne producten, geweldige producten, prachtige producten, slechte producten, product is
            top, product is super, doet wat het moet doen, doet wat het belooft, doet zijn werk, doen wat ze
            moeten doen, vers, verse, goed gemaakt, slecht gemaakt, mooi gemaakt, netjes gemaakt, mooi
            exemplaar, prachtig exemplaar, accu, batterij, kleurvast, vaal, draagcomfort, draagt fijn, draagt
            heerlijk, draagt lekker, comfort, ademend, makkelijk in elkaar, eenvoudig in elkaar, makkelijk te
            monteren, eenvoudig te monteren, blaren, bladdert, afgebladderd, rafelt, rafels, scheurt, uit elkaar
            gevallen, viel uit elkaar, valt uit elkaar, los naadje, slechte stof, beeld is, geluid""",
        "fit": """pasvorm, past, pasten, passen niet, past niet, paste niet, passend, valt ~ klein, valt ~
            groot, valt ~ kleiner, valt ~ groter, vallen ~ klein, vallen ~ groot, valt precies, valt goed, valt
            ~ ruim, maat groter, maat kleiner, =grotere maat, kleinere maat, juiste maat, andere maat, halve
            maat, maat te, mijn ~ maat, =maat, maattabel, maatvoering, maattabellen, te klein, te groot, te
            strak, te krap, te wijd, te lang voor, te kort, te smal, te breed, zit goed, zat goed, zit te, zat ~
            strak, kleur, kleuren, op de foto, op de foto's, van de foto, dan de foto, als de foto, zoals op de
            foto, foto klopt, foto's, omschrijving, beschrijving, zoals beschreven, zoals omschreven, zoals
            afgebeeld, afbeelding, komt overeen, komt niet overeen, mouwen, mouw, knelt, knellen, hak, aan de
            lange kant, aan de korte kant, aan de kleine kant, aan de grote kant, aan de krappe kant,
            maatadvies, model valt, lengte, breedte, wijdte, tint, formaat, afmeting*, kleiner dan, groter dan,
            langer dan, korter dan, breder dan, donkerder dan, lichter dan, correct beschreven, goed beschreven,
            juist beschreven, zag er anders uit, ziet er anders uit, getailleerd, tailleband, taille, te ruim,
            te nauw, misleidend, boord, spant""",
        "price": """=prijs, prijzen, *prijs, *prijzen, prijzig*, prijskwaliteit, =duur, =dure, duurder, te duur,
            goedkoper, goedkoopst, goedkope winkel, heel goedkoop, lekker goedkoop, voordelig, korting,
            kortingen, *korting, *kortingen, afgeprijsd, betaalbaar*, verzendkosten, *kosten, kost ~ euro,
            aanbieding*, in de aanbieding, uitverkoop, sale, waar voor ~ geld, zonde van ~ geld, geld waard,
            volle prijs betaal*, betaalde ~ volle prijs, betaalde ~ prijs, prijs betaald, goedkope, halen ~
            betalen, spotprijs, gratis verzending, prijsje, geldklopperij, =koopje, retourkosten, geprijsd,
            tarief, tarieven, goedkoopste, te veel betaald""",
        "payment": """afrekenen, afrekening, afgerekend, betaling*, betaalmethode*, betaalwijze*,
            betaalmogelijkheid*, betaaloptie*, betalen met, betalen via, achteraf betaal*, achteraf betalen,
            ideal, klarna, paypal, creditcard*, bancontact, factuur, facturen, rekening klopt, *mandje,
            winkelmand*, winkelwagen*, al betaald, reeds betaald, dubbel betaald, dubbel afgeschreven,
            afgeschreven, aanmaning, herinnering, incasso, pinnen, in termijnen, bankpas, pinpas, pas geweigerd,
            betaling geweigerd, betaling mislukt, betalen lukte, apple pay, google pay, riverty, achteraf ~
            betalen""",
        "website": """website*, =site, =sites, webpagina, =pagina, app, navigatie, zoekfunctie*, filter,
            filters, zoeken op, inloggen, inlog*, ingelogd, mijn account, laadtijd*, duidelijke foto's,
            overzichtelijk*, onoverzichtelijk*, gebruiksvriendelijk*, bestellen ging, bestellen gaat, bestellen
            is, bestellen verloopt, makkelijk bestel*, makkelijk te bestel*, makkelijk bestellen, eenvoudig
            bestel*, eenvoudig bestellen, bestelproces, bestelling ~ plaatsen, bestelling plaatsen, webshop is,
            webwinkel is, webshop werkt, webshop ~ traag, op de webshop""",
        "returns": """*retour, retour*, geretourneerd, terugbetaling*, terugbetaald, terugbetalen, geld ~ terug,
            geld terug, garantie*, nieuwe gekregen, nieuw exemplaar, vervangen, vervanging, teruggave,
            creditnota, omwisselen, geld ~ op mijn rekening, geld teruggekregen, teruggekregen, terugkrijgen,
            geld terugkrijgen, retourdoos, bedenktijd""",
        "service": """klantenservice, klantenservise, klantendienst, =service, servicegericht, topservice,
            helpdesk, medewerker, medewerkers, medewerkster, personeel, meedenken, meegedacht, dacht ~ mee,
            dachten ~ mee, denkt ~ mee, denken ~ mee, behulpzaam*, vriendelijk*, onvriendelijk*, helpen graag,
            hielp mij verder, onbeleefd*, beleefd, kortaf, lomp, adviseren, geadviseerd, rechtgezet, deskundig,
            klantvriendelijk, bediening, serieus genomen, kundig, nemen de tijd, klantgericht, professioneel,
            netjes behandeld, goed behandeld, attent, adviezen, eerlijk advies, goed advies, deskundig advies,
            advies is, advies was, samenwerking, support, hulpvaardig, gastvrij, geduldig, hulp bij ~ keuze,
            helpen ~ keuze, geholpen met ~ keuze, heel aardig, erg aardig, aardige mensen, aardige dame, aardige
            man, aardige medewerker*""",
        "contact": """bereikbaar*, onbereikbaar*, te bereiken, bereiken, telefonisch*, per telefoon, aan de
            telefoon, aan de lijn, gebeld, bellen, belde, belden, terugbellen, terug te bellen, teruggebeld,
            terugbel*, gemaild, mailtje*, mailtjes, mailen, per mail, op mijn mail, mails beantwoord, reactie,
            reacties, reageren, reageert, gereageerd, antwoord, antwoorden, antwoordt, beantwoord*, chatbot*,
            chat, communicatie, communiceren, op de hoogte, iets weten, niets gehoord, niks gehoord, hoor niets,
            hoor ~ niks, bericht, berichten, geinformeerd, informeren, updates, track and trace, track en trace,
            traceren, =volgen, contact, contacten, zonder ~ uitleg, zonder ~ bericht, geen uitleg, geen idee
            waar, gesproken, iemand spreken, iemand te spreken, =telefoontje, whatsapp, doorverbonden, wachtrij,
            in de wacht, afgewimpeld, afgescheept""",
        "personalisation": """persoonlijk*, gepersonaliseerd*, maatwerk, op maat, aanbevolen producten,
            aanbevelingen, suggesties, op mij afgestemd, bij mij past, bij mij passen, bij mijn, handgeschreven,
            geschreven kaartje, kaartje erbij, naar mijn smaak, mijn smaak, mijn wensen, onze wensen, hun
            wensen""",
        "rewards": """spaarpunt*, mijn punten, punten gespaard, punten sparen, punten inwisselen,
            spaarprogramma*, spaarsysteem, klantenkaart*, nieuwsbrief, nieuwsbrieven, kortingscode*,
            kortingsbon*, actiecode, loyaliteit*, vaste klant*, trouwe klant*, cadeaubon*, cadeaukaart*,
            verjaardagskorting, reclamemail*, tegoedbon*, waardebon*, voucher*, couponcode, lidmaatschap, spam,
            verjaardagsbon, spaarpas, vaste klanten, =punten""",
        "community": """beoordelingen, recensie*, reviews, ervaringen van anderen, forum, facebookgroep, andere
            klanten, andere kopers, andere gebruikers, community""",
        "character": """sfeer, sfeervol*, uitstraling, vormgeving, mooie site, mooie winkel, gezellige winkel,
            fijne winkel met, eigen stijl, originele*, duurzaam, duurzamer, duurzaamheid, milieu*,
            milieuvriendelijk*, lokale producten, lokaal, eerlijke producten, karakter, karaktervol, fairtrade,
            recycl*, gerecycled*, klimaat*, mooi merk""",
    },
    unless_denied={
        "packaging": "beschadigd*, beschadiging*, deuk, deuken, ingedeukt*, gescheurd*, geplet, platgedrukt",
        "quality": """kapot*, defect*, gebroken, gebarsten, kras, krassen, bekrast, scheur, scheuren,
            mankement*, gebrek, gebreken, gat, gaten, gaatje, gaatjes""",
        "returns": """terugsturen, terug te sturen, terug sturen, teruggestuurd*, stuur ~ terug, stuurde ~
            terug, terugzenden, teruggezonden, terugbrengen, teruggebracht, ruilen, geruild, omruil*, omgeruild,
            gaat ~ terug, gaan ~ terug""",
        "service": "klacht, klachten, klacht*, klagen",
    },
    if_alone={
        "quality": """doet het niet, deed het niet, doen het niet, werkt niet, werkte niet, werkt niet meer,
            niet meer werk*, werkt prima, werkt goed, werkt perfect, werkt uitstekend, stevig, dun, nep, handig,
            praktisch, ontwerp, design, bruikbaar, onbruikbaar, nutteloos""",
        "delivery": """wachten, wacht al, wacht nog op, volgende dag, onderweg, pakket*, pakje, pakjes, weken
            wachten, in huis, aangekomen""",
        "packaging": "doos, dozen, doosje, *doos, karton*",
        "service": "geholpen, opgelost, advies, vakkundig",
        "completeness": "ontbreekt, compleet",
    },
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
