"""The shipped words of French."""

from pipeline.core.attitude.vocabulary import Vocabulary

FRENCH = Vocabulary(
    words={
        "delivery": """livraison, livrer, livré, livreur, expédition, expédier, expédié, envoi, transporteur,
            coursier, facteur, chronopost, colissimo, mondial relay, dhl, ups express, dpd, retard, en retard,
            délai, délais, dans les temps, à temps, à l'heure, date promise, date prévue, jour promis, en
            avance, ponctuel, acheminement, en transit, pas ~ reçu, jamais reçu, toujours pas reçu, toujours
            rien reçu, rien reçu, reçu ~ rapidement, reçu ~ jours, reçu en, reçu rapidement, reçu dans, reçu le
            lendemain, attends ~ commande, suivi du colis, attends encore ma, délai trop long, semaines pour,
            jours pour recevoir, frais de port, frais de livraison, frais d'envoi, chez le voisin, mis ~ jours,
            mis ~ semaines, mis ~ temps, mettre ~ temps, jours plus tard, semaines plus tard, jamais arrivé, pas
            arrivé, port gratuit, arrivé ~ rapidement, arrivé en, arrivé ~ temps, arrivé à temps, eu ma
            commande, arriver à temps, jours à arriver, colis perdu, colis ~ perdu, perdu ~ colis, acheminer,
            réceptionné, tardif, tardive, tarder, envoyé rapidement, expédition rapide, reçu ~ parfait état,
            reçu ~ bon état""",
        "delivery_options": """point relais, points relais, relais colis, point de retrait, retrait, click and
            collect, retirer en magasin, retrait en magasin, récupérer ~ magasin, voisin, chez le voisin,
            voisine, créneau, créneaux, le samedi, le soir, un autre jour, autre adresse, mauvaise adresse,
            changer ~ adresse, modifier ~ adresse, changement d'adresse, choisir ~ jour, consigne, bureau de
            poste, drive, rendez-vous de livraison""",
        "packaging": """emballage, emballé, emballer, suremballage, packaging, papier bulle, bien protégé, mal
            protégé, conditionnement, paquet cadeau, trop de plastique, bien protégée, miettes, calage, colis
            cassé, colis ouvert, colis abîmé, paquet ouvert, paquet abîmé, éventré, colis ~ ouvert, enveloppe à
            bulles, enveloppe""",
        "completeness": """manquer, manquant, manquait, il manque, incomplet, incomplète, mauvais article,
            mauvais produit, mauvais modèle, mauvaise taille, mauvaise couleur, mauvaise commande, mauvaise
            référence, article dans le carton, livré ~ mauvais, erreur ~ commande, erreur de commande, erreur de
            produit, erreur d'article, erreur dans, trompé de, tout y était, tout était là, rien ne manque,
            plusieurs colis, en plusieurs fois, plusieurs fois, colis séparés, une partie de ma commande, moitié
            de ma commande, ce que j'avais commandé, ce que j'ai commandé, ce que j'attendais et commandé,
            conforme à ma commande, conforme à la commande, commande conforme, à la place de, commande complète,
            tout complet, pas dans la boîte, pas dans le carton, pas dans le colis, pas inclus, sans chargeur,
            reçu ~ au lieu, à la place, il n'y avait que, pièce manquante, moitié de ce que, pas le bon article,
            pas le bon modèle, pas le bon produit, pas la bonne taille, pas la bonne couleur, sans notice,
            notice manquante, un seul au lieu""",
        "stock": """rupture, en rupture, stock, épuisé, indisponible, disponible, disponibilité, plus
            disponible, commande annulée, annulé ma commande, annuler ~ commande, annulation,
            réapprovisionnement, dans ma taille, ma taille ~ rupture, taille ~ rupture, taille ~ épuisée, taille
            ~ indisponible, taille ~ plus disponible, plus rien en, plus de stock, introuvable, plus en vente,
            victime de son succès""",
        "choice": """choix, assortiment, gamme, variété, varié, catalogue, collection, sélection, on trouve de
            tout, on y trouve tout, large éventail, diversité, embarras du choix, grande taille, grandes
            tailles, petites tailles, =marques, grandes marques, beaucoup de modèles, plein de modèles""",
        "quality": """qualité, qualité prix, rapport qualité prix, qualitatif, matière, matières, matériau,
            matériaux, tissu, couture, coutures, finition, finitions, durer, ne dure pas, tient pas, ne tient,
            tient bien, lâcher, lâché, se décolle, décoller, décollé, s'affaisse, s'use, usé, usure, rétrécir,
            rétréci, déteindre, déteint, délavé, bouloche, s'allume pas, tombé en panne, confortable, confort,
            doux, douce, moelleux, bancal, bancale, contrefaçon, camelote, bas de gamme, cheap, pacotille,
            odeur, sent bon, sent mauvais, goût, bon produit, très bon produit, excellent produit, mauvais
            produit, produit ~ excellent, produit ~ bon, produits ~ bons, bons produits, produit de merde, beau
            produit, fait main, très bien fait, produit bien fait, article bien fait, mal fait, mal cousu, bien
            cousu, se transparente, transparent, on voit à travers, trop fin, très fin, fuite, tache, taches,
            décousu, se déforme, déformé, gratte, rouille, rouillé, étanche, inconfortable, se détache, détaché,
            bruyant, mal fini, semelle, fermeture éclair, feutré, peluche, tient ~ heures, tenir longtemps,
            tienne, impeccable, sentent bon, parfum, bien conçu, mal conçu, conçu, super produit, produit super,
            produit génial, adore ce produit, produits ~ excellents, tenue, performant, performance, autonomie,
            batterie, silencieux, facile à monter, encombrant, agréable à porter, agréable au toucher, texture,
            épais, épaisseur, effiloché, arraché, boulocher, abrasif, encens, fait le travail, fait le job, fait
            son travail, bonne facture""",
        "fit": """=taille, tailles, taille petit, taille grand, taille bien, taille parfaitement, tailler,
            taillant, pointure, trop petit, trop petite, trop grand, trop grande, trop serré, trop large, trop
            court, trop long pour, trop courte, trop étroit, serre, serré, coupe, bien coupé, mal coupé, va
            parfaitement, me va, va très bien, tombe bien, couleur, couleurs, coloris, teinte, la photo, les
            photos, photo, photos, sur la photo, comme sur l'image, description, descriptif, conforme à la
            description, conforme, pas conforme, comme décrit, comme annoncé, correspond ~ photo, correspond ~
            description, au descriptif, guide des tailles, dimension, dimensions, manche, manches, étroit,
            étroite, étroites, talon, longueur, largeur, ample, ceinture, serrent, grande taille ~ prendre, trop
            longue, plus longue, plus court, plus courte, plus grand que, plus petit que, plus petit que prévu,
            moulant, ajusté, s'ajuste, encolure, tour de taille, tour de poitrine, format, nuance, trompeur,
            trompeuse, flotte dedans, correspond à l'image, correspond aux photos, tailles disponibles""",
        "price": """prix, =cher, =chère, =chers, chères, onéreux, coût, coûter, coûteux, tarif, tarifs, frais,
            remise, réduction, promo, promotion, promotions, solde, soldes, soldé, rabais, bon marché,
            abordable, offre, bonne affaire, rapport qualité prix, moins cher, plus cher, trop cher, hors de
            prix, plein tarif, payé ~ plein tarif, payé ~ prix, payer ~ prix, économique, jeter ~ argent, argent
            gaspillé, frais de port, frais de livraison, port offert, livraison gratuite, livraison offerte,
            exorbitant, raisonnable, petit budget""",
        "payment": """paiement, payer en plusieurs fois, moment de payer, payer par, payer avec, payer en,
            paypal, klarna, carte bancaire, carte bleue, =carte de crédit, facture, facturation, facturé,
            panier, déjà payé, déjà payée, prélevé, débité, prélèvement, débit, relance, virement, caisse en
            ligne, alma, plusieurs fois sans frais, carte ~ refusée, carte refusée, paiement refusé, paiement
            échoué""",
        "website": """=site, sites, site internet, site web, boutique en ligne, appli, application, navigation,
            naviguer, recherche sur, fonction de recherche, moteur de recherche, filtre, filtres, connecter,
            arrive ~ à me connecter, connexion, mon compte, mot de passe, ergonomique, intuitif, facile à
            utiliser, commande facile, commander facile, commande simple, commande ~ simple, passer commande,
            passer ma commande, commander est, facile de commander, facilité de commande, ligne est facile, page
            web, page d'accueil, bug, bugue, ergonomie, espace client, identifiant, processus de commande, page
            blanche""",
        "returns": """retour, retours, retourner, retourné, rembourser, remboursé, remboursement, échange,
            garantie, bon de retour, étiquette de retour, remplacer, remplacé, remplacement, satisfait ou
            remboursé, reprise, argent rendu, rendu mon argent, bon d'échange, rétractation, reprendre ~
            article""",
        "service": """service client, service clients, service clientèle, service après vente, sav, =service,
            conseiller, conseillère, conseil, conseils, vendeur, vendeuse, personnel, équipe, aimable,
            amabilité, sympathique, sympa, gentil, gentille, accueil, désagréable, impoli, malpoli, serviable, à
            l'écoute, professionnel, professionnalisme, compétent, incompétent, réglé le problème, résolu,
            résoudre, tout réglé, pris au sérieux, attentionné, bienveillant, bienveillance, prévenant,
            courtois, courtoisie, chaleureux, interlocuteur, interlocutrice, prise en charge, geste commercial,
            arrangeant, bien conseillé, serviabilité""",
        "contact": """joindre, arrive ~ joindre, joignable, injoignable, téléphone, par téléphone, au téléphone,
            appel, appeler, rappeler, rappelé, appelé, mail, mails, email, e-mail, courriel, réponse, répondre,
            répond, répondu, réactif, réactive, réactivité, sans réponse, chat, chatbot, communication,
            communiquer, informé, informée, informer, tenu informé, tenu au courant, au courant, prévenu,
            prévenir, prévenue, avertir, averti, notification, suivi, suivi du colis, suivre ~ colis, numéro de
            suivi, contact, contacter, contacté, sans nouvelles, aucune nouvelle, sans explication, aucune
            explication, message, messages, hotline, personne ne décroche, décroche, parler à, numéro surtaxé,
            tient au courant, tenue au courant, =relancé, relances""",
        "personalisation": """personnalisé, personnalisée, personnalisation, personnaliser, petit mot, mot
            manuscrit, écrit à la main, manuscrit, sur mesure, recommandations, suggestions, adapté à ma, adapté
            à mes, adapté à mon, adaptée, mes goûts, mes besoins, attention personnelle, carte manuscrite""",
        "rewards": """fidélité, carte de fidélité, mes points, points de fidélité, cumuler ~ points, programme
            de fidélité, newsletter, newsletters, bon d'achat, bons d'achat, code promo, code de réduction, code
            réduction, coupon, chèque cadeau, carte cadeau, cliente depuis, client depuis, client fidèle,
            cliente fidèle, fidèle cliente, fidèle client, cagnotte, parrainage, publicités, spam, pubs, points
            cumulés, =points""",
        "community": """les avis, avis des, avis clients, avis des autres, autres clients, autres clientes,
            autres acheteurs, commentaires des, notes des, forum, communauté, les commentaires""",
        "character": """ambiance, atmosphère, belle boutique, jolie boutique, petite boutique, charme, charmant,
            charmante, âme, écologique, écologie, écolo, éco-responsable, écoresponsable, durable, éthique,
            produits locaux, local, locaux, artisanal, environnement, environnemental, planète, équitable,
            recyclé, recyclable, style unique""",
    },
    unless_denied={
        "packaging": """abîmé, abîmée, endommagé, endommagée, écrasé, écrasée, cabossé, enfoncé, carton déchiré,
            emballage déchiré, colis déchiré, paquet déchiré""",
        "quality": """casser, cassé, cassée, défectueux, défectueuse, défaut, défauts, rayé, rayée, rayure,
            rayures, trou, troué, fissuré, brisé, abîmé, déchiré""",
        "returns": "renvoyer, renvoyé, renvoi, retourner, échanger, échangé, rendre",
        "service": "réclamation, réclamations, se plaindre, plainte, plaintes, litige",
    },
    if_alone={
        "quality": """ne fonctionne pas, ne fonctionne plus, ne marche pas, ne marche plus, fonctionne ~ bien,
            fonctionne parfaitement, marche ~ bien, fonctionne très bien, panne, tenir dans le temps, solide,
            solidité, robuste, fragile, résistant, pratique, utile, inutile, fonctionnel, efficace, inefficace,
            léger, stable, design""",
        "delivery": """=attente, attends toujours, paquet, colis, c'était long, dès le lendemain, arriver,
            arrivé, arrivée, réception, =attendre, =attends, =attendu, rapidité""",
        "packaging": "carton, boîte, boite, soignée",
        "service": "aidé, m'a aidé, m'a aidée, a aidé, poli, écoute",
        "completeness": "manque, complet, complète",
        "price": "gratuit",
    },
    negations="pas, jamais, aucun, aucune, rien, sans, ni, personne, nullement",
    conjunctions="mais, cependant, toutefois, pourtant, par contre, sauf, néanmoins",
    lemmas={
        "reçu": "recevoir",
        "reçue": "recevoir",
        "reçus": "recevoir",
        "cassé": "casser",
        "cassée": "casser",
        "emballé": "emballer",
        "frais": "frais",
        "prix": "prix",
        "avis": "avis",
        "colis": "colis",
        "choix": "choix",
        "retours": "retour",
        "livrée": "livrer",
        "rayé": "rayer",
        "taille": "taille",
        "tailles": "taille",
        "marques": "marque",
    },
)
