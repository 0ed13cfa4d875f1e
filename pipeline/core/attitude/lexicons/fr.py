"""The shipped words of French."""

from pipeline.core.attitude.vocabulary import Vocabulary

FRENCH = Vocabulary(
    words={
        "delivery": """livraison, livrer, livreur, expédition, expédier, expédié, envoi, transporteur, coursier,
            facteur, chronopost, colissimo, mondial relay, dhl, ups express, dpd, retard, en retard, délai, délais,
            dans les temps, à temps, à l'heure, date promise, date prévue, jour promis, en avance, ponctuel,
            acheminement, en transit, pas ~ reçu, jamais reçu, toujours pas reçu, toujours rien reçu, rien reçu, reçu
            ~ rapidement, reçu ~ jours, reçu en, reçu rapidement, reçu dans, reçu le lendemain, attends ~ commande,
            suivi du colis, attends encore ma, délai trop long, semaines pour, jours pour recevoir, frais de port,
            frais de livraison, frais d'envoi, chez le voisin, mis ~ jours, mis ~ semaines, mis ~ temps, mettre ~
            temps, jours plus tard, semaines plus tard, jamais arrivé, pas arrivé, port gratuit, arrivé ~ rapidement,
            arrivé en, arrivé ~ temps, arrivé à temps, eu ma commande, arriver à temps, jours à arriver, colis perdu,
            colis ~ perdu, perdu ~ colis, acheminer, réceptionné, tardif, tardive, tarder, envoyé rapidement,
            expédition rapide, reçu ~ parfait état, reçu ~ bon état, livrés en heure, la poste, gls, colis privé,
            avis de passage, sans sonner, devant la porte, devant ma porte, pas encore arrivé, toujours pas arrivé,
            toujours pas là, reçu ~ heures, reçu ~ délais, reçu avant, vite reçu, rapidement reçu, vite arrivé,
            attendre ~ colis, attendre ~ commande, bloqué en douane, service de livraison, service livraison, point
            mort, attends ~ colis, attends mon colis, en attente de ma commande, en attente de mon colis, expédiée,
            arrivé ~ jours, arrivé le lendemain, arrivé avant, reçu sous, commande rapide, réception rapide,
            réception ~ rapide, date annoncée, reçu ~ tôt, suivi, numéro de suivi, lien de suivi, suivi de commande,
            suivi de livraison, suivi de ma commande, livraison ~ trop long, livraison ~ trop longue, délai ~ trop
            long, bonne réception, arrivé vite, envoyés rapidement, expédié rapidement, envoi rapide, livre
            rapidement, livré rapidement, livrés rapidement, livré vite, être livrés, être livré, etre livre, etre
            livres, envoyés ~ rapidement, envoyé ~ rapidement, livres rapidement, livre en bon état, livré en bon
            état, reçues en bon état, reçu en bon état""",
        "delivery_options": """point relais, points relais, relais colis, point de retrait, click and collect, retirer
            en magasin, retrait en magasin, récupérer ~ magasin, voisin, chez le voisin, voisine, créneau, créneaux,
            le samedi, le soir, un autre jour, autre adresse, mauvaise adresse, changer ~ adresse, modifier ~
            adresse, changement d'adresse, choisir ~ jour, consigne, bureau de poste, drive, rendez-vous de
            livraison, adresse différente, adresse de livraison différente, une adresse différente, retrait du colis,
            retrait gratuit, en retrait magasin""",
        "packaging": """emballage, emballé, emballer, suremballage, packaging, papier bulle, bien protégé,
            mal protégé, conditionnement, paquet cadeau, trop de plastique, bien protégée, miettes,
            calage, colis cassé, colis ouvert, colis abîmé, paquet ouvert, paquet abîmé, éventré, colis ~
            ouvert, enveloppe à bulles, enveloppe, mal calé, bien calé, mal emballé, sous blister,
            blister, carton trop grand, boîte écrasée, carton écrasé, boîte abîmée, carton abîmé, carton
            éventré, carton ouvert, kraft, bien scellé, mal scellé, bulles de protection, papier de soie,
            joliment présenté, pochon, sans protection, sans aucune protection, paquet soigné, colis
            soigné, colis mal fermé, colis bien protégé, polystyrène""",
        "completeness": """manquant, manquait, il manque, incomplet, incomplète, mauvais article, mauvais produit,
            mauvais modèle, mauvaise taille, mauvaise couleur, mauvaise commande, mauvaise référence, article dans le
            carton, livré ~ mauvais, erreur ~ commande, erreur de commande, erreur de produit, erreur d'article,
            erreur dans, trompé de, tout y était, tout était là, rien ne manque, plusieurs colis, colis séparés, une
            partie de ma commande, moitié de ma commande, ce que j'avais commandé, ce que j'ai commandé, ce que
            j'attendais et commandé, conforme à ma commande, conforme à la commande, commande conforme, à la place
            de, commande complète, tout complet, pas dans la boîte, pas dans le carton, pas dans le colis, pas
            inclus, sans chargeur, reçu ~ au lieu, à la place, il n'y avait que, pièce manquante, moitié de ce que,
            pas le bon article, pas le bon modèle, pas le bon produit, pas la bonne taille, pas la bonne couleur,
            sans notice, notice manquante, un seul au lieu, commande non conforme, commande pas conforme, ne
            correspond pas à ma commande, ne correspond pas à ma demande, reçu ~ autre produit, reçu ~ autre article,
            autre modèle que, boîte vide, carton vide, colis vide, reçu qu'un, reçu qu'une, reçu que, reçu seulement,
            recevoir qu'un, recevoir qu'une, reçu ~ mauvais, reçu ~ mauvaise, manque une, manque un, manque la,
            manque le, manque les, manque des, il en manque, il manquait, article manquant, articles manquants, sans
            les vis, sans les piles, sans le câble, sans mode d'emploi, commande incomplète, colis incomplet, oublié
            de mettre, oublié un, oublié une, pas celui que, pas celle que, rien à voir avec ma commande, reçu le
            double, en double, inversion de, exactement ce que j'avais commandé, sans le cd, tout y est complet,
            =manquait, =manquaient, =manquante, =manquantes, =manquant, =manquants, livré en plusieurs fois, livrée
            en plusieurs fois, reçu en plusieurs fois, livraison en plusieurs fois""",
        "stock": """rupture, en rupture, stock, épuisé, indisponible, disponible, plus disponible, commande annulée,
            réapprovisionnement, dans ma taille, ma taille ~ rupture, taille ~ rupture, taille ~ épuisée, taille ~
            indisponible, taille ~ plus disponible, plus rien en, plus de stock, introuvable, plus en vente, victime
            de son succès, pointure ~ plus, taille n'y est plus, pointure n'y est plus, plus ma taille, plus ma
            pointure, plus en rayon, plus en magasin, toujours épuisé, jamais en stock, jamais disponible, de nouveau
            disponible, bientôt disponible, retour en stock, hors stock, plus dispo, pas dispo, dispo, commande ~
            annulée, disponibilité des produits, disponibilité des articles, ils ont annulé ma commande, a annulé ma
            commande, annulée faute de stock""",
        "choice": """choix, assortiment, gamme, variété, varié, catalogue, collection, sélection, on trouve de tout, on
            y trouve tout, large éventail, diversité, embarras du choix, grande taille, grandes tailles, petites
            tailles, =marques, grandes marques, beaucoup de modèles, plein de modèles, trouve toujours ce que, trouve
            ~ toujours ce que, trouve ~ ce que je cherche, trouve tout ce que, trouver tout ce que, trouve mon
            bonheur, trouver son bonheur, trouver mon bonheur, peu de modèles, peu de choix, pas assez de modèles,
            beaucoup d'articles, plein d'articles, beaucoup de produits, plein de produits, beaucoup de références,
            large palette, il y en a pour tous les goûts, pour tous les goûts, pas grand chose pour, de tout pour,
            toutes les marques, nouveautés, offre limitée, on trouve tout, on trouve quasiment tout, on trouve
            presque tout, trouve de tout, tout trouver, trouve tout, grand choix, large choix, trouver ~ tout ce,
            trouve ~ tout ce, tout ce dont, mon bonheur, du choix""",
        "quality": """qualité, qualitatif, matière, matières, matériau, matériaux, tissu, couture, coutures, finition,
            finitions, durer, ne dure pas, tient pas, ne tient, tient bien, lâché, se décolle, décoller, décollé,
            s'affaisse, s'use, usé, usure, rétrécir, rétréci, déteindre, déteint, délavé, bouloche, s'allume pas,
            tombé en panne, confortable, confort, doux, douce, moelleux, bancal, bancale, contrefaçon, camelote, bas
            de gamme, cheap, pacotille, odeur, sent bon, sent mauvais, goût, bon produit, très bon produit, excellent
            produit, mauvais produit, produit ~ excellent, produit ~ bon, produits ~ bons, bons produits, produit de
            merde, beau produit, fait main, produit bien fait, article bien fait, mal cousu, bien cousu, on voit à
            travers, trop fin, très fin, fuite, tache, taches, décousu, se déforme, déformé, gratte, rouille,
            rouillé, étanche, inconfortable, se détache, détaché, bruyant, mal fini, semelle, fermeture éclair,
            feutré, peluche, tient ~ heures, tenir longtemps, tienne, sentent bon, parfum, bien conçu, mal conçu,
            conçu, super produit, produit super, produit génial, adore ce produit, produits ~ excellents, tenue,
            performance, autonomie, batterie, silencieux, facile à monter, encombrant, agréable à porter, agréable au
            toucher, texture, épais, épaisseur, effiloché, arraché, boulocher, abrasif, encens, fait le travail, fait
            le job, fait son travail, bonne facture, trop transparent, un peu transparent, très transparent, presque
            transparent, complètement transparent, tissu transparent, tourner comme une horloge, tourne encore,
            tourne toujours, marche toujours, marche encore, fonctionne toujours, fonctionne encore, comme au premier
            jour, fonctionné qu'une fois, marché qu'une fois, fonctionner ~ une fois, servi qu'une fois, servi une
            fois, tombé en rade, lâché au bout, rendu l'âme, hs, hors service, hors d'usage, ne s'allume, s'éteint,
            ne charge, tient plus la charge, délicieux, délicieuse, savoureux, excellent au goût, très bon goût, sans
            goût, insipide, fade, immangeable, pourri, moisi, périmé, date courte, pas frais, pas fraîches, très
            frais, fraîcheur, fané, flétri, état lamentable, piteux état, sale état, mauvais état, état déplorable,
            arrivé dans un état, fendu, fendue, fêlé, ébréché, en morceaux, tordu, voilé, se casse, s'est cassé, a
            cassé, craqué, se déchire, s'effiloche, trop fine, tissu fin, tissu trop fin, grosse qualité, mauvaise
            qualité, matière agréable, ça gratte, ne tient pas, part en lambeaux, peluches, bouloché, perd ses poils,
            simple comme bonjour, facile à installer, facile à assembler, montage facile, montage simple, montage
            rapide, montage compliqué, facile d'utilisation, simple d'utilisation, simple à utiliser, difficile à
            monter, impossible à monter, notice incompréhensible, notice illisible, installation facile, fait pas le
            job, aucun effet, aucun résultat, sans effet, effet bluffant, résultats visibles, peau douce, allergie,
            boutons partout, irrité, ça sent le plastique, sent le plastique, de la daube, de la camelote, toc,
            solide et, gadget, tient la route, tient ses promesses, produit au top, produits au top, produits de
            qualité, produit ~ décevant, produit ~ super, satisfait du produit, satisfaite du produit, satisfait de
            ce produit, déçu du produit, déçue du produit, déçu de ce produit, produit nul, mauvaise facture,
            grésille, =son ~ grésille, surchauffe, bien chaud, satisfait ~ produits, satisfaite ~ produits, satisfait
            ~ articles, satisfaite ~ articles, content ~ produits, contente ~ articles, a lâché au bout, a lâché
            après, appareil performant, produit mal fait, article mal fait, mal finis, reconditionné, redire sur les
            produits, redire sur la qualité, redire sur ~ articles, état impeccable, finition impeccable, finitions
            impeccables, produit impeccable, produit très bien fait, satisfait ~ marchandise, satisfaite ~
            marchandise, content de ~ produits, contente de ~ produits, bon materel, éclats""",
        "fit": """=taille, tailles, taille petit, taille grand, taille bien, taille parfaitement, tailler, taillant,
            pointure, trop petit, trop petite, trop grand, trop grande, trop serré, trop large, trop court, trop long
            pour, trop courte, trop étroit, serre, serré, coupe, bien coupé, mal coupé, va parfaitement, va très
            bien, tombe bien, couleur, couleurs, coloris, teinte, les photos, photo, photos, sur la photo, comme sur
            l'image, description, conforme à la description, conforme, pas conforme, comme décrit, comme annoncé,
            correspond ~ photo, correspond ~ description, au descriptif, guide des tailles, dimension, dimensions,
            manche, manches, étroit, étroite, étroites, talon, longueur, largeur, ample, ceinture, serrent, grande
            taille ~ prendre, trop longue, plus longue, plus court, plus courte, plus grand que, plus petit que, plus
            petit que prévu, moulant, ajusté, s'ajuste, encolure, tour de taille, tour de poitrine, format, nuance,
            trompeur, trompeuse, flotte dedans, correspond à l'image, correspond aux photos, tailles disponibles,
            =taille ~ petit, =taille ~ grand, taille normalement, trop juste, nage dedans, une taille au dessus, une
            taille en dessous, taille au dessus, taille en dessous, tombe parfaitement, tombe impeccable, me serre,
            me boudine, trop moulant, rien à voir avec la photo, rien à voir avec les photos, ne ressemble pas,
            différent de la photo, pas la même couleur, plus foncé, plus clair que, fidèle à la photo, fidèle à la
            description, fidèle aux photos, pas comme sur la photo, comme sur la photo, photo trompeuse, publicité
            mensongère, conforme aux photos, plus petite que, plus grande que, pas à ma taille, bien ajusté, =me =va,
            =me =vont, =descriptif""",
        "price": """prix, =cher, =chère, =chers, chères, onéreux, coût, coûter, coûteux, tarif, tarifs, frais, remise,
            réduction, promo, promotion, promotions, solde, soldes, soldé, rabais, bon marché, abordable, offre,
            bonne affaire, rapport qualité prix, moins cher, plus cher, trop cher, hors de prix, plein tarif, payé ~
            plein tarif, payé ~ prix, payer ~ prix, économique, jeter ~ argent, argent gaspillé, frais de port, frais
            de livraison, port offert, livraison gratuite, livraison offerte, exorbitant, raisonnable, petit budget,
            =cherté, prix cassé, prix imbattable, petits prix, bradé, trop élevé, ça fait cher, pas donné, arnaque
            sur le prix, vaut ~ prix, vaut ~ argent, vaut pas son prix, prix d'or, coûte un bras, une fortune,
            ruineux, pas cher, meilleur marché, euros de port, euros de livraison, =port ~ euros, port trop élevé,
            prix barré, black friday, promos, bon plan, bons plans, excessif, frais de douane, sans se ruiner, même
            article ~ euros, beaucoup moins ailleurs, compétitif, compétitifs, moins cher qu'ailleurs, défiant toute
            concurrence, bonnes affaires, qualité prix, livraison payante, livraison reste payante, livraisons
            payantes""",
        "payment": """paiement, payer en plusieurs fois, moment de payer, payer par, payer avec, payer en, paypal,
            klarna, carte bancaire, carte bleue, =carte de crédit, facture, facturation, facturé, déjà payé, déjà
            payée, prélevé, débité, prélèvement, débit, relance, virement, caisse en ligne, alma, plusieurs fois sans
            frais, carte ~ refusée, carte refusée, paiement refusé, paiement échoué, régler par, régler avec, régler
            en, régler ~ carte, régler ma commande, regler, carte ne passe pas, carte ~ passe pas, carte bleu, =cb,
            payer ma commande, paiements, apple pay, google pay, mastercard, visa, trois fois sans frais, payer en
            trois fois, en 3 fois, en 4 fois, en trois fois, paiement en plusieurs fois, débité deux fois, prélevé
            deux fois, payé deux fois, 3d secure, code de validation de la banque, ma banque, chèque refusé, avec la
            banque, ma carte ne passe pas, règlements, règlement par carte, encaisser, encaissent, encaissé,
            ponctionné, sur mon compte bancaire, paiement en retard""",
        "website": """=site, sites, site internet, site web, boutique en ligne, appli, navigation, naviguer, recherche
            sur, fonction de recherche, moteur de recherche, connecter, arrive ~ à me connecter, connexion, mot de
            passe, ergonomique, intuitif, facile à utiliser, commande facile, commander facile, commande simple,
            commande ~ simple, passer commande, passer ma commande, commander est, facile de commander, facilité de
            commande, ligne est facile, page web, page d'accueil, bug, bugue, ergonomie, espace client, identifiant,
            processus de commande, page blanche, trouver ~ référence, trouver ~ références, trouver ~ bonnes
            références, facile de naviguer, s'y retrouve, s'y retrouver, clair et bien rangé, bien organisé, page ne,
            pages ne, page ne s'affiche, chargement, lenteur du, plantait, bugs, beugue, bugué, ça rame, mise à jour,
            version mobile, sur mobile, commander en ligne, trop de clics, en quelques clics, en deux clics, créer un
            compte, créer mon compte, création de compte, fiche produit, fiches produits, rubrique, onglet, barre de
            recherche, liste d'envies, liste de souhaits, commande est simple, commande en ligne ~ facile, votre
            application, application mobile, filtres de recherche, facile pour commander, facile à commander,
            facilité de recherche, facilité d'achat, facilité pour commander, trouve facilement, facile de trouver,
            facile à trouver, simple pour commander, commander facilement, simple à utiliser, facile d'utilisation,
            passage de commande, commandée facilement, passée facilement, commander rapidement, beug, beuge, plaisir
            de naviguer, mon panier, le panier, recherche facile, recherche difficile, recherche simple, recherches
            faciles, conclure l'achat, finaliser ma commande, =mon =compte, accéder à mon compte, difficulté pour
            passer, difficultés pour passer, facile à effectuer, facile pour rechercher, facile pour acheter,
            présentation des produits, clarté des explications, manquent ~ de précisions, rubriques""",
        "returns": """retour, retours, retourner, retourné, rembourser, remboursé, remboursement, échange, garantie, bon
            de retour, étiquette de retour, remplacer, remplacé, remplacement, satisfait ou remboursé, argent rendu,
            rendu mon argent, bon d'échange, rétractation, reprendre ~ article, recréditer, recrédité, recréditée,
            argent recrédité, rendre ~ prix, rendre ~ moitié, rendre ~ argent, rendu ~ argent, récupérer ~ argent,
            revoir ~ argent, revoir mon argent, récupérer mon argent, avoir mon argent, avoir ~ remplacement,
            remboursements, remboursable, bordereau, étiquette retour, colis retour, renvoyer ~ article, renvoyer ~
            colis, réexpédier, repris sans, sous garantie, réparer, réparé, réparation, échange standard, envoyé un
            nouveau, renvoyé un nouveau, renvoyé un autre, nouveau sans frais, une reprise, reprise du produit,
            reprise de l'ancien, reprise gratuite, =rendre, =rendu, =rendue""",
        "service": """service client, service clients, service clientèle, service après vente, sav, =service,
            conseillère, conseil, conseils, personnel, équipe, aimable, amabilité, sympathique, gentil, gentille,
            accueil, désagréable, impoli, malpoli, serviable, à l'écoute, professionnalisme, compétent, incompétent,
            réglé le problème, résoudre, tout réglé, pris au sérieux, attentionné, bienveillant, bienveillance,
            prévenant, courtois, courtoisie, chaleureux, interlocuteur, interlocutrice, prise en charge, geste
            commercial, arrangeant, bien conseillé, serviabilité, accompagnement, conseillers, écoutée, écouté,
            raccroché au nez, raccrocher au nez, se renvoient la balle, renvoie la balle, mal reçu au, mauvaise foi,
            arrogant, hautain, agressif, incompétence, incompétents, se moquent du client, se moque du client,
            foutent du client, respect du client, aux petits soins, disponibles et, à notre écoute, gentillesse,
            trouvé une solution, trouver une solution, proposé une solution, aucune solution, solution rapide, après
            vente, s.a.v, support client, support technique, assistance, relation client, interlocuteurs, disponible
            et à l'écoute, un conseiller, le conseiller, les conseillers, votre conseiller, vendeuses, très sympa au,
            personne sympa, équipe sympa, très professionnels, équipe professionnelle, problème résolu, vite résolu,
            bien servi, bien servie, qualité de service, qualité du service, service de qualité, content des
            services, contente des services, satisfait des services, satisfaite des services, sevice client, sevice
            clients""",
        "contact": """joindre, arrive ~ joindre, joignable, injoignable, téléphone, par téléphone, au téléphone, appel,
            appeler, rappeler, rappelé, appelé, mail, mails, email, e-mail, courriel, réponse, répondre, répond,
            répondu, réactif, réactive, réactivité, sans réponse, chat, chatbot, communication, communiquer, informé,
            informée, informer, tenu informé, tenu au courant, prévenu, prévenir, prévenue, avertir, averti,
            notification, suivre ~ colis, contact, contacter, contacté, sans nouvelles, sans explication, aucune
            explication, message, messages, hotline, personne ne décroche, parler à, numéro surtaxé, tient au
            courant, tenue au courant, =relancé, relances, ne décroche, décroche pas, décroche jamais, décrocher ~
            téléphone, répondeur, musique d'attente, en ligne pendant, on me répond, aucun retour de leur part, sans
            retour de, pas de retour de, aucune réponse, jamais de réponse, relancer ~ fois, relancé ~ fois, réponse
            automatique, réponses automatiques, sms, whatsapp, messagerie, formulaire, silence radio, donne pas de
            nouvelles, donner de nouvelles, envoyer ~ photos, envoyé ~ photos, silence total, tenir au courant,
            aucune nouvelle de""",
        "personalisation": """personnalisé, personnalisée, personnalisation, personnaliser, petit mot, mot
            manuscrit, écrit à la main, manuscrit, sur mesure, recommandations, suggestions, adapté à ma,
            adapté à mes, adapté à mon, adaptée, mes goûts, mes besoins, attention personnelle, carte
            manuscrite, gravé, gravée, gravure, brodé à, mon prénom, prénom dessus, le prénom, son prénom,
            mot gentil, mot écrit, petite carte, petite attention, petites attentions, personnalisables,
            personnalisable, recommandé des produits, recommandations personnalisées, suggère, suggestions
            adaptées""",
        "rewards": """carte de fidélité, mes points, points de fidélité, cumuler ~ points, programme de fidélité,
            newsletter, newsletters, bon d'achat, bons d'achat, code promo, code de réduction, code réduction,
            coupon, chèque cadeau, carte cadeau, cagnotte, parrainage, publicités, spam, pubs, points cumulés,
            =points, fidéliser, fidélisation, carte fidélité, programme fidélité, points fidélité, compte fidélité,
            avantage client, avantages clients, code promotionnel, code avantage, code de bienvenue, code parrain,
            parrain, parrainer, parrainé, bons de réduction, bon de réduction, bons de fidélité, chèques cadeaux,
            cadeau de bienvenue, bon cadeau, bons cadeaux, infolettre, désinscrire, désabonner, désinscription,
            désabonnement, mails publicitaires, mails promotionnels, mails de pub, e-mails promotionnels, trop de
            mails, inonde de mails, cashback, récompense, récompenses, statut vip, ma cagnotte, points perdus, points
            expirés, ma fidélité récompensée, fidélité récompensée, récompenser ~ fidélité, cadeau d'anniversaire du
            magasin, cadeau de fidélité, récompense ~ fidèle, récompenser ~ fidèles, cadeau ~ clients fidèles, geste
            ~ client fidèle, petit cadeau, aucun cadeau, jamais ~ cadeau""",
        "community": """les avis, avis des, avis clients, avis des autres, autres clients, autres
            clientes, autres acheteurs, commentaires des, notes des, forum, communauté, les commentaires,
            mes avis, mon avis négatif, avis négatif, avis négatifs, avis positif, avis positifs, avis
            supprimé, avis publié, publier mon avis, publier ~ avis, mon commentaire, mes commentaires,
            faux avis, lu les avis, vu les avis, avis vérifiés, avis google, trustpilot, laisser un avis,
            laisser ~ commentaire, censure, censuré, groupe facebook, commentaires positifs, commentaires
            négatifs, commentaires clients""",
        "character": """ambiance, atmosphère, belle boutique, jolie boutique, petite boutique, charme, charmant,
            charmante, âme, écologique, écologie, écolo, éco-responsable, écoresponsable, durable, éthique, produits
            locaux, local, locaux, artisanal, environnement, environnemental, planète, équitable, recyclé,
            recyclable, style unique, zéro plastique, sans plastique, made in france, fabriqué en france, fabrication
            française, produit français, produits français, entreprise française, marque française, entreprise
            locale, biologique, zéro déchet, seconde main, empreinte carbone, bilan carbone, circuit court,
            greenwashing, bien être animal, vegan, cruelty free, végan, vos valeurs, valeurs de la marque,
            biodégradable, compostable, petite entreprise, petit commerce, producteurs, recyclage, recycler,
            respectueux de""",
    },
    unless_denied={
        "packaging": """abîmé, abîmée, endommagé, endommagée, écrasé, écrasée, cabossé, enfoncé, carton déchiré,
            emballage déchiré, colis déchiré, paquet déchiré""",
        "quality": """casser, cassé, cassée, défectueux, défectueuse, défaut, défauts, rayé, rayée, rayure,
            rayures, trou, troué, fissuré, brisé, abîmé, déchiré""",
        "returns": "renvoyer, renvoyé, renvoi, retourner, échanger, échangé",
        "service": "réclamation, réclamations, se plaindre, plainte, plaintes, litige",
    },
    if_alone={
        "quality": """ne fonctionne pas, ne fonctionne plus, ne marche pas, ne marche plus, fonctionne ~ bien,
            fonctionne parfaitement, marche ~ bien, fonctionne très bien, panne, tenir dans le temps, solide,
            solidité, robuste, fragile, résistant, pratique, utile, fonctionnel, léger, stable, design, y arriver,
            délice, un régal, régal, top qualité, a bien fonctionné, plus de son, ne démarre, fichu, mal conçue, pas
            solide, fonctionner pas""",
        "delivery": """=attente, attends toujours, paquet, colis, c'était long, dès le lendemain, arriver,
            arrivé, arrivée, réception, =attendre, =attends, =attendu, rapidité""",
        "packaging": "carton, boîte, boite, soignée",
        "service": "aidé, m'a aidé, m'a aidée, a aidé, poli, écoute",
        "completeness": "manque, complet, complète",
        "price": "gratuit",
        "contact": "aucun retour",
        "choice": "ce que je cherche, ce que je cherchais",
    },
    sayings="""je vous conseille, vous conseille de, je vous déconseille, pratique douteux, pratiques douteuses,
        pratique commerciale, pratiques commerciales, tenir parole, tient parole, lâcherai pas l'affaire, en
        déplacement professionnel, autre vendeur, autres vendeurs, au bout du compte, en fin de compte, tenir
        compte, tenez pas compte, tout compte fait, être au courant, est au courant, qualité garantie, en
        disponible, votre disponibilité, sur ce site, ce site, sur leur site, sur leurs site, sur leurs sites, sur
        votre site, autre site, autres sites, d'autre site, d'autres sites, mon site préféré, de ce site, à ce site,
        chez ce site, deux reprises, plusieurs reprises, maintes reprises, à la réception, voir à la réception,
        attends de voir, dans l'attente, en tous points, en tout point, sur ce point, à ce point, au point de, rend
        service, rend bien service, rendre service, rend bien des services, sur mon compte, de mon compte, mon
        compte bancaire, manque de, manquent de, manquent totalement de, retrait de, à plusieurs reprises, commande
        sur le site, acheté sur le site, achat sur le site, commandé sur le site""",
    things="""produit, article, matériel, appareil, machine, robe, chemise, haut, pull, gilet, jupe, pantalon, jean,
        veste, manteau, blouson, chaussure, basket, botte, sandale, chausson, chaussette, gant, écharpe, bonnet,
        casquette, ceinture, maillot, sac, sacoche, valise, portefeuille, montre, bague, collier, bracelet, boucle,
        lunette, téléphone, coque, chargeur, câble, casque, écouteur, enceinte, clavier, souris, ordinateur,
        tablette, appareil photo, caméra, télé, télévision, imprimante, cartouche, batterie, pile, lampe, chaise,
        table, bureau, canapé, lit, matelas, oreiller, couette, couverture, serviette, tapis, rideau, meuble,
        étagère, poêle, casserole, couteau, tasse, bouteille, bouilloire, cafetière, aspirateur, four, frigo,
        réfrigérateur, perceuse, outil, tente, vélo, jouet, poupée, puzzle, jeu, livre, crème, shampoing, parfum,
        savon, bougie, thé, café, vin, chocolat, plante""",
    verdicts="""bon, bonne, excellent, excellente, super, parfait, parfaite, génial, géniale, top, impeccable, nickel,
        magnifique, formidable, extraordinaire, mauvais, mauvaise, nul, nulle, médiocre, horrible, pourri, pourrie,
        décevant, décevante""",
    negations="pas, jamais, aucun, aucune, rien, sans, ni, personne, nullement",
    conjunctions="mais, cependant, toutefois, pourtant, par contre, sauf, néanmoins",
    lemmas={
        "livre": "livre",
        "livré": "livrer",
        "livrée": "livrer",
        "livrés": "livrer",
        "livrées": "livrer",
        "livres": "livre",
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
        "rayé": "rayer",
        "taille": "taille",
        "tailles": "taille",
        "marques": "marque",
    },
)
