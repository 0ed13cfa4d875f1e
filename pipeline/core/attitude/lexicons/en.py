"""The shipped words of English."""

from pipeline.core.attitude.vocabulary import Vocabulary

ENGLISH = Vocabulary(
    words={
        "delivery": """deliver, delivery, ship, shipping, shipment, parcel, courier, dispatch, postman, carrier,
            =driver, arrival, on time, in time, delay, delayed, in transit, =ups, fedex, dhl, dpd, royal mail, wait ~
            order, wait ~ parcel, not ~ received, never ~ received, n't receive, never came, never turn up, not turn
            up, come next day, came ~ early, came quickly, came on time, come ~ next day, promise day, promise date,
            expected date, receive it ~ day, receive ~ quickly, fast turnaround, received on, tracking, track ~
            order, track ~ parcel, took ~ to get here, took ~ to get to me, took forever, get here, got here, came
            after, only came, show up, showed up, fortnight, never showed up, never got, not ~ arrive, delivered,
            free shipping, free delivery, never turned up, turned up late, turned up early, did ~ turn up, arrive ~
            early, arrive ~ late, arrive ~ day, arrive ~ week, arrive ~ time, arrive quickly, arrive promptly, never
            arrive, not arrive, n't arrive, arrive ~ fast, came fast, arrive ~ condition, arrive in, lost in the
            post, lost in transit, evri, hermes, yodel, usps, tnt, parcelforce, ontrac, gls, amazon logistics,
            mailman, mail man, mail carrier, postie, post man, the van, van driver, letterbox, letter box, doorstep,
            my porch, the porch, front door, over the fence, over the gate, over the wall, left ~ outside, left ~ in
            the rain, out in the rain, left on the step, left by the bins, behind the bins, waiting in, wait in all
            day, in all day, home all day, took the day off, day off work, no sign of ~ order, no sign of ~ parcel,
            no sign of ~ package, where is my order, where's my order, where is my parcel, still not here, not here
            yet, n't come yet, still n't come, n't show up, yet to arrive, yet to receive, yet to turn up, yet to
            come, went missing, gone missing, lost my order, lost my parcel, lost in the mail, in the mail, in the
            post, turnaround, on the mat, on my mat, very next day, days early, week early, hours late, minutes late,
            ahead of schedule, ahead of time, on schedule, behind schedule, sooner than, quicker than expected,
            quicker than i, faster than expected, earlier than expected, later than expected, later than promised,
            earlier than i, later than i, later than stated, came in ~ days, came two days, came three days, came 2
            days, came 3 days, here in ~ days, here within, here by, got it in ~ days, got it the next day, got it
            next day, got it within, got it ~ quickly, got it quick, got it fast, had it ~ next day, had it within,
            received it ~ fast, received ~ fast, received ~ early, received ~ before, received ~ within, received ~
            in ~ days, receive in ~ days, receive ~ promptly, receive ~ week, receive ~ late, quick to arrive, slow
            to arrive, slow to come, takes ages, came late, came ~ late, estimated date, estimated arrival, eta,
            supposed to arrive, supposed to come, supposed to be here, due to arrive, was due, in good time, for
            christmas day, missed ~ birthday, missed christmas, too late for, date promised, day promised, date
            given, before promised, when promised, when they said, day they said, when they promised, when you said,
            day you said, arrive when, came when, arrive before, arrive after, arrive ~ said, stuck in customs, held
            up in customs, came in two, came in good time, came promptly, came straight away, came ~ quick, came ~
            quickly, came so fast, came super fast, came really fast, came very fast, came really quickly, came the
            day, came a day, came a week, came ~ week, speedy, very prompt, promptly, prompt and, signature, signed
            for, left it outside, left it on, left it in, threw it over, thrown over, chucked it over, chucked over,
            lobbed, dumped it, dumped outside, knock on, n't knock, never knocked, ring the bell, ring the doorbell,
            not at home, nobody home, wrong house, wrong door, left next door, left with a neighbour, left with ~
            neighbour, left with ~ neighbor, with the neighbour, with the neighbor, with my neighbour, with my
            neighbor, at the neighbours, next door neighbour, wrong address, pick up point, pickup point, collection
            point, rearrange, redeliver*, redelivery, out pay for delivery, paid for delivery, charged for delivery,
            dropped off, landed on, received ~ quick, quick receipt, fast receipt, receive my order, receive my
            package, receive the order, receive the package, receive the item, receive it yet, received yet, receive
            anything, not been received, to the depot, from the depot, post depot, delivery depot, sorting office,
            =days =late, =weeks =late, =month =late, =months =late, a day =late, a week =late, =days =later than,
            track and trace, same day delivery, same day shipping, next day delivery, arrived the next day, came the
            next day, here the next day, delivered the next day, arrived the same day, came the same day, delivered
            the same day, arrived next day, came next day, arrived the next morning, delivered next morning, arrived
            next morning""",
        "delivery_options": """pick up point, pickup point, collection point, click and collect, collect ~ store,
            collect ~ shop, time slot, timeslot, delivery slot, delivery window, delivery time, delivery option,
            evening delivery, saturday delivery, weekend delivery, neighbour, neighbor, locker, post office, another
            day, another address, other address, different address, change ~ address, wrong address, pick ~ up from,
            pick it up, safe place, drop off point, choose ~ day, left with a neighbour, left with ~ neighbour, left
            with ~ neighbor, with the neighbour, with the neighbor, with my neighbour, with my neighbor, at the
            neighbours, left next door, picked it up from, collected it from, collected from, local shop, parcel shop,
            collect in store, pick up in store, in store pickup, curbside, nominated day, sunday delivery""",
        "packaging": """=packaging, =packaged, packed, =packing, cardboard, bubble wrap, too much plastic, far too much
            plastic, so much plastic, well protected, gift wrap, smashed, shattered, padding, =boxed, brown paper,
            tissue paper, jiffy bag, padded envelope, padded bag, envelope, plastic bag, poly bag, polystyrene,
            styrofoam, packing peanuts, bubblewrap, mailer, shrink wrap, gift box, gift bag, beautifully presented,
            nicely presented, well presented, presentation, sealed, unsealed, the seal, seal was, unboxing, unwrap,
            huge box, massive box, giant box, enormous box, big box, oversized box, box the size, size of the box,
            box within a box, box inside a box, box far too big, box way too big, box too big, box you could, box was
            open, box was crushed, box ~ open, box was wet, box arrived, foam, plastic wrap, cling film, no plastic,
            less plastic, plastic free, without plastic, unnecessary plastic, all that plastic, all this plastic,
            plastic waste, excess packaging, overpackaged, over packaged, well packed, securely packed, taped shut,
            well wrapped, carefully wrapped, nicely wrapped, beautifully wrapped, badly wrapped, poorly wrapped,
            wrapped in plastic, wrapped in paper, wrapped in tissue, wrapped up ~ well, gift wrapped, wrapped ~ gift,
            the wrapping, wrapping paper, securely wrapped""",
        "completeness": """incomplete, miss ~ part, wrong item, wrong product, wrong size, wrong order, wrong one, wrong
            colour, wrong color, wrong model, wrong article, wrong thing, wrong ~ delivered, deliver ~ wrong, sent ~
            wrong, wrong ~ arrived, item in the box, partial delivery, part of ~ order, half of ~ order, not what ~
            order, exactly what ~ ordered, what ~ had ordered, as ordered, everything was there, everything there,
            all there, mistake ~ order, order ~ mistake, mixed up, instead of the ~ ordered, only ~ of the, separate
            parcel, several parcels, correct item, all complete, order complete, order was complete, not in the box,
            n't in the box, was ~ in the box, not include, n't include, not included, came without, without charger,
            sent me ~ instead, parts missing, part missing, screws missing, piece missing, extra item, half of what,
            one short, two short, only got one, only got half, only got two, only received one, only received half,
            only received two, only one arrived, only one came, only half, only sent one, only sent two, only sent
            half, got ~ only one, half the order, half my order, half of my order, ordered a ~ got a, ordered a ~
            received a, ordered a ~ sent a, ordered two ~ got one, ordered 2 ~ got 1, ordered two ~ received one,
            ordered 2 ~ received 1, ordered ~ only got, ordered ~ only received, ordered ~ received only, ordered ~
            got the, ordered ~ was sent, ordered ~ they sent, ordered ~ sent me, paid for two, paid for ~ only got,
            paid for ~ got one, got ~ order wrong, order wrong, order was wrong, wrong flavour, wrong flavor, wrong
            scent, wrong book, wrong version, wrong pair, wrong part, wrong style, wrong type, wrong shade, wrong
            quantity, wrong amount, wrong number of, wrong shoes, wrong set, wrong edition, wrong parcel, wrong
            package, wrong length, wrong ~ sent, wrong ~ came, wrong stuff, someone else's order, somebody else's
            order, someone else's parcel, somebody else's parcel, somebody else's, not what i asked for, n't what i
            ordered, nothing like what i ordered, what i put, present and correct, nothing missing, everything
            included, everything was in, everything in the box, everything ~ there, accounted for, all the parts, all
            parts, all the bits, all the pieces, missing screw, missing part, missing piece, missing item, missing
            from, missing button, missing bit, missing instructions, item missing, bit missing, button missing, no
            screws, no charger, no instructions, no batteries, no lid, no cable, forgot to include, forgot to put,
            forgot to send, forgot the, forgot my, they forgot, order was right, order was correct, order correct,
            right item, right product, correct product, correct order, order was accurate, order accuracy, sent two,
            sent twice, sent me two, duplicate, two left shoes, two left feet, both left, odd shoes, =mismatched,
            substitut*, sent ~ instead, received ~ instead, like they sent, looks like they sent, incorrect item,
            incorrect size, incorrect product, incorrect order, incorrect colour, incorrect color, picking error,
            short delivered, as i ordered, just what i ordered, just as ordered, wrong ~ in the box""",
        "stock": """sold out, sell out, out of stock, in stock, stock, unavailable, not available, available,
            availability, back order, backorder, cancel ~ order, no longer available, in my size, my size ~ sold out,
            size ~ sold out, size ~ out of stock, size ~ not available, my size ~ available, size ~ unavailable, none
            left, not ~ any left, run out of, ran out of, my size ~ in stock, size in stock, discontinued, come back
            in, all gone, gone by the time, snapped up, waiting list, waitlist, pre order, preorder, none in my size,
            n't have my size, not ~ in my size, never in my size, n't have it anymore, n't have any, none available,
            out of everything, always out of, cancelled on me, got cancelled, was cancelled, cancelled because,
            cancelled it, then cancelled, no longer sell, stopped selling, no longer made, stopped making, no longer
            stock, =oos, cancelled my order, canceled my order, order was cancelled, order was canceled, orders were
            cancelled, orders were canceled, back in stock""",
        "choice": """choice, assortment, selection, range, variety, =brands, collection, lots to choose, plenty to
            choose, much to choose, something for everyone, everything you need, everything i need, catalogue, large
            size, plus size, bigger size range, small size, wide choice, choice of, lots of options, more options, so
            many options, many options, few options, not many options, wide array, array of, so much to choose, so many
            to choose, hard to choose, not much for, very little for, hardly anything for, nothing for men, nothing for
            women, nothing for bigger, nothing for larger, everything in one place, all in one place, one stop shop,
            under one roof, find anywhere else, find elsewhere, get anywhere else, get elsewhere, buy anywhere else,
            find in the shops, find in stores, hard to find item, hard to find part, hard to find product, hard to find
            these, only place, only shop that, more colours, more colors, other colours, other colors, different
            colours available, more sizes, more styles, =bigger =sizes, =larger =sizes, =smaller =sizes, =tall =sizes,
            =half =sizes, up to size, wish they had more, wish you had more, wish they sold, wish you sold, wish you
            did more, wish they did more, start selling, please stock, should stock, you stock, they stock, please do
            more, come in more, only comes in, come in other, nothing new, new arrivals, new stuff, new products,
            product line, everything i wanted, everything i was looking for, whatever you need, anything you need,
            anything you want, everything you want, everything you could, unique items, unusual items, unusual gifts,
            something different, niche, diverse, lots of lovely things, loads of lovely things, such lovely things, so
            many nice things, so many things""",
        "quality": """quality, material, fabric, well made, poorly made, badly made, beautifully made, nicely made,
            well constructed, construction, durable, feel ~ cheap, look ~ cheap, cheap looking, cheaper side, cheap
            material, cheaply made, fall apart, fell apart, come apart, came apart, come off, came off, wear out, worn
            out, shrink, shrank, shrunk, fade, peel, stitching, stitch, seam, comfortable, comfy, soft, cosy, cozy,
            scratchy, itchy, stiff, see through, sheer, workmanship, craftsmanship, pilling, stain, last ~ long, not
            last, n't last, last ~ year, last ~ month, good product, great product, excellent product, poor product,
            bad product, amazing product, product ~ good, product ~ great, product ~ excellent, rubbish product,
            genuine, taste, leak, well built, snap, snapped, come loose, came loose, fall off, fell off, bent, rust,
            rusty, creak, wobbl*, squeak, uncomfortable, itch, threadbare, lose its shape, lost its shape, lost ~
            shape, bobbl*, cheap plastic, brittle, waterproof, gave up after, died after, packed in after, dead on
            arrival, hard wearing, lightweight, feels great, feel ~ nice, not ~ original, battery, scent, work
            flawlessly, works flawlessly, easy to assemble, easy to set up, easy to use product, held up, hold up,
            premium, do the job, does what it says, great item, lovely item, nice item, noisy, breathable, unravel,
            frayed, poor finish, nice finish, beautiful finish, finish is, the finish, none ~ work, stop charging,
            works a treat, works beautifully, works brilliantly, works like a charm, works as it should, works as
            expected, works as described, works exactly, work properly, n't work properly, works good, works ok, works
            as intended, work out of the box, worked straight away, working order, still works, still going, going
            strong, no longer work, quit working, quit after, packed up after, packed up within, conked out, gave up
            the ghost, gave out, died on, died within, dead within, dead after, bit the dust, blew up, burnt out,
            kaput, on the blink, malfunction, dud, turn on, switch on, switch itself off, turn itself off, turns off,
            shuts off, n't charge, n't start, hold a charge, hold charge, n't connect, connect to, n't pair, n't play,
            n't close, n't shut, n't stick, n't stay, not stay on, stay in place, stay put, n't do anything, do nothing
            for, does nothing, no effect, no difference, n't make ~ difference, make a difference, make a huge
            difference, make all the difference, notice ~ difference, see ~ difference, see results, no results, great
            results, good results, amazing results, visible results, did the trick, do its job, do their job, job done,
            do exactly what, serves its purpose, serve ~ purpose, fit for purpose, suits ~ needs, suits ~ purpose, meet
            ~ needs, fulfils, exactly what it says on the tin, does what it should, does what it is supposed, n't do
            what, do what it, better than nothing, in the bin, into the bin, binned, bin it, threw ~ away, thrown away,
            threw ~ out, in the trash, in the garbage, piece of junk, piece of rubbish, piece of crap, piece of
            garbage, piece of trash, cheap rubbish, cheap junk, cheap crap, cheap tat, tat, tatty, shoddy, crappy,
            poorly put together, thrown together, had it ~ years, had it ~ months, had mine ~ years, had them ~ years,
            had this ~ years, own ~ for years, for years now, use ~ every day, used every day, use ~ every single day,
            use it daily, use ~ daily, daily use, every day use, everyday use, worn ~ every day, wear ~ every day, wear
            them all day, like new, good as new, test of time, =lasted, =lasts, =lasting, after ~ uses, after one use,
            after a few uses, second use, first use, single use of, after ~ wears, wear well, wash well, after one
            wash, after ~ wash, first wash, one wash, two washes, in the wash, in the washing machine, colour ran, dye,
            =tore, loose thread, =zip, zipper, strap broke, strap came, straps are, the strap, lining, elastic, velcro,
            hinge, sole, insole, padding is, rash, allergic, allergy, irritat*, sensitive skin, breakout, broke me out,
            broke out in, break out, greasy, sticky, oily, moisturis*, moisturiz*, hydrat*, absorb, lather, my skin, my
            hair, on the skin, my face feels, delicious, tasty, yummy, flavour, flavor, bland, too sweet, fresh,
            freshness, stale, gone off, rancid, mouldy, mould, mold, out of date, best before, use by date, past ~
            date, short dated, shelf life, =melted, stink, reek, fragrance, aroma, odour, odor, tastes like, chewy,
            crunchy, wilt, half dead, dead plants, dead on, =dying, droopy, wither*, bloom, healthy plants, rotten,
            rotting, bruised, comfort, comfortably, enough support, good support, great support, lots of support, no
            support, more support, arch support, lumbar, supportive, cushion*, keep ~ warm, nice and warm, so warm,
            really warm, very warm, super warm, warm and, too hot, sweaty, sweat, too heavy, very heavy, heavy duty,
            thick, too thick, stretchy, =stretched, polyester, real leather, genuine leather, fake leather, plasticky,
            feels like plastic, like cardboard, like paper, paper thin, feels solid, feel sturdy, feels nice, feels
            lovely, feels so soft, rough on, feels rough, crease, wrinkl*, crinkl*, lint, =sheds, =shedding, moult,
            static, tarnish*, turned green, discolour*, discolor*, turned black, turned my finger, flake, flak*,
            =chipped, crumble, crumbl*, disintegrate*, warp, wonky, crooked, uneven, lopsided, rattle, rattl*, =jammed,
            keeps jamming, =jams, misprint*, blurry, grainy, pixelated, scuffed, dirty, filthy, grubby,
            been used, clearly used, obviously used, looked used, used before, already opened, already been opened, old
            stock, someone's old, refurbished, in pieces, in bits, bashed, =battered, crumpled, squished, mangled,
            burst, spilled, soggy, soaked, soaking wet, drip, overheat*, gets hot, get too hot, laggy, =lagging,
            glitch, glitchy, buggy, sound quality, picture quality, the sound, sound is, great sound, good sound, clear
            sound, sounds great, sounds amazing, sounds good, sounds tinny, the screen, the display, the picture is,
            crystal clear, the volume, bluetooth, wifi, suction, motor, blades, blunt, razor sharp, powerful,
            underpowered, absorbent, insulated, water resistant, watertight, well designed, poorly designed, badly
            designed, well thought out, poor design, bad design, design flaw, craftsman*, beautifully crafted, well
            crafted, crafted, =handmade, detail is, well finished, durability, sturdiness, robust, long =lasting,
            indestructible, high end, high grade, second rate, substandard, sub standard, inferior, low grade,
            mediocre, not up to standard, nice product, fantastic product, wonderful product, superb product, brilliant
            product, awesome product, terrible product, horrible product, awful product, disappointing product,
            excellent item, beautiful item, fantastic item, beautiful product, lovely product, decent product, solid
            product, perfect product, useless product, quality item, product itself, love this product, love the
            product, love your products, love their products, the products are, products are great, product ~ amazing,
            product ~ awesome, product ~ perfect, product ~ poor, product ~ terrible, product ~ fantastic,
            instructions, instruction manual, instruction booklet, the manual, user manual, user guide, manual is,
            assemble, flat pack, flatpack, self assembly, easy to put together, put together, put it together, put them
            together, to put up, easy to put up, easy to install, install, installation, easy to clean, hard to clean,
            easy to wash, easy to operate, easy to fit, easy to wear, easy to hold, easy to open, hard to open,
            impossible to open, impossible to use, impossible to assemble, line up, fiddly, plug and play, ready to
            use, straight out of the box, learning curve, ergonomic, versatile, clunky, ease of use, screw holes, pre
            drilled, allen key, take apart, wobble, runs out of battery, recharge, rechargeable, sleep better, slept,
            pain relief, side effects, help with my, expired product, expired chocolate, expired food, expired items,
            was expired, already expired, had expired product, arrived smashed, hold its charge, text is too small,
            =yellowed""",
        "fit": """fit, =fits, fitting, =size, =sizes, =sizing, sized, run small, run large, run big, run ~ small, run ~
            large, run ~ big, run tight, run ~ short, run ~ wide, run ~ long, run ~ narrow, little longer, little
            shorter, bit longer, bit shorter, tad longer, waist, bust, busty, chest, torso, =hips, online ~ picture,
            true to size, too small, too big, too large, too tight, too loose, too short, too long, too wide, too
            narrow, tight, snug, baggy, roomy, loose, flattering, length, petite, colour, color, as pictured, as
            picture, as described, as description, as shown, as advertised, as expected from, like the picture, like
            the photo, like the pic, like ~ picture, like ~ photo, not ~ picture, from the picture, in the picture,
            on the model, different from ~ picture, description, misleading, larger than, smaller than, shorter than,
            bigger than, pinch, sleeve, heel, toe, hem, neckline, waistband, cut, shape, leg, wide fit, narrow,
            shade, than in the photo, in the photo, dimension, measurement, true to colour, true to color, your
            chart, tts, come up ~ small, come up ~ big, come up ~ large, comes up large, on the small side, on the
            large side, on the big side, on the short side, on the long side, on the tight side, on the snug side, on
            the narrow side, small made, bit small, bit big, bit tight, bit large, bit loose, bit wide, little small,
            little big, little large, little tight, quite small, very small, so small, really small, way small, super
            small, much smaller, much larger, much bigger, way bigger, lot smaller, lot bigger, half the size, inches
            longer, inches shorter, inch too, cm too, cm longer, cm shorter, narrower than, wider than, thinner than,
            tighter than, taller than, wide feet, narrow feet, width, calf, calves, shoulders, thigh, armhole,
            inseam, crotch, in the leg, in the arms, in the body, size up, sized down, go up a, go down a, usual
            medium, a medium, the medium, an xl, xl, xxl, could have done with a large, in real life, in the flesh,
            irl, in reality, resemblance, resemble, nothing like ~ picture, nothing like ~ photo, looks nothing like,
            n't look like, n't look anything like, the photo, the pictures, =pictured, the pics, on the picture, on
            the photo, the image, product photo, product image, stock photo, =shown, as stated, as listed, =listing,
            listed as, advert, the ad, false advert*, deceptive, =deceiving, accurately described, inaccurate,
            product details, specifications, specs, n't match, match ~ description, match ~ picture, match the color,
            match the colour, matches the, darker than, lighter than, brighter than, duller than, paler than, not the
            same as, not the same one, different to what, different from what, differs from, looks different, than
            online, than it looks, looked online, seen online, different in person, better in person, looked bigger,
            looked smaller, claims to be, claimed it, fits like, fitted perfectly, fitted well, fitted me, gaping,
            gaps at, ride up, slip off, falls down, dig in, =rubs, =rubbed my, blister, false advertising, not
            advertised, advertised as, was advertised, were advertised, falsely advertised, longer than expected,
            longer than i""",
        "price": """=price, =prices, =priced, pricing, pricey, overpriced, expensive, =cheaper, =cheapest, cheap price,
            not cheap, n't cheap, cost, costly, affordable, discount, bargain, =sale, value for money, worth the
            money, good value, great value, worth every penny, pay more, pay less, full price, pay ~ full price, pay
            ~ price, special offer, great deal, good deal, waste of money, money well spent, ripoff, rip off,
            markdown, reduced, buy one get one, two for one, dear, half price, cheap shipping, free shipping, free
            delivery, price tag, high price, postage, quid, =euros, =value, pounds less, pounds more, pounds cheaper,
            pounds for, cheap and cheerful, cheap as chips, cheap for, so cheap for, inexpensive, economical, bit
            steep, too steep, extortionate, exorbitant, daylight robbery, robbery, a fortune, on a budget, my budget,
            budget friendly, tight budget, pricy, very reasonable, quite reasonable, reasonable for, others charge,
            they charge, you charge, charge for, charge you for, delivery charge, shipping charge, pay for shipping,
            charged for shipping, pay for delivery, charged for delivery, pay ~ shipping, pay for postage, pay ~
            delivery, free postage, minimum order, minimum spend, customs charge, customs fee, import duty, import
            charges, hidden fees, =fee, =fees, vat, less elsewhere, less on the high street, less in the shops, less
            on amazon, less than half, was on offer, good offer, great offer, the offer, offer price, promotion,
            promo, black friday, cyber monday, clearance, outlet, 5 off, 10 off, 15 off, 20 off, 25 off, 30 off, 40
            off, 50 off, 60 off, 70 off, 75 off, money off, percent off, amazing deal, awesome deal, fantastic deal,
            such a deal, the deal, a steal, absolute steal, saved money, saved ~ money, saved a lot, good money, paid
            ~ for this, paid a lot, paid too much, what i paid for it, for what i paid, what you pay, you pay for,
            pay for what, pay extra, for the money, money's worth, moneys worth, markup, mark up, inflated, price
            gouging, gone up, went up, well worth it, well worth the, worth every, worth the price, worth the cost,
            worth paying, not worth the, competitive, competitively, cheaper than, cheaper elsewhere,
            /(?:for|only|just|paid|under|cost|costs|worth|spent|at|was|save|saved) [£$€] ?[0-9]+/, worth your money,
            waste your money, waste of your money, save your money, bang for your buck""",
        "payment": """checkout, check out, payment, pay by, pay with, pay via, pay later, pay in, paypal, klarna, credit
            card, debit card, apple pay, =card, invoice, =bill, billing, charge ~ twice, overcharged, shopping cart,
            =cart, basket, instalment, installment, while ~ paying, when ~ paying, bank transfer, pay online, card
            declined, card was declined, card ~ declined, card refused, card ~ refused, payment failed, =charged
            twice, charged me twice, charged me, charged my, charged my card, double charged, been charged, got
            charged, charged ~ account, paid twice, money taken, money was taken, took ~ money, taken twice, taken
            from my account, taken out of my, left my account, from my bank, bank account, my bank, debited,
            deducted, google pay, amex, american express, visa, mastercard, afterpay, clearpay, direct debit, 3d
            secure, pay monthly, pay in three, trying to pay, n't pay, could not pay, unable to pay, how to pay, ways
            to pay, easy to pay, =declined, receipt, discount not applied, at the till, pay on delivery, cash on
            delivery, pay cash, gift card""",
        "website": """website, web site, =site, webshop, web shop, online shop, app, navigation, navigate, search
            function, search ~ website, search bar, =filters, log in, login, log on, sign in, my account, page load,
            user friendly, easy to order, easy to use site, order process, easy order, webpage, menu, crash, browse,
            web page, intuitive, =sites, order online, online ordering, bought online, ordered it on, found what i
            needed, found what i wanted, found what i was looking, find what i'm looking, find what you need, find
            what you want, find what you, n't find what, find anything, found it straight away, easy to find what,
            easy to find things, easy to find the, find things, few clicks, couple of clicks, two clicks, one click,
            three clicks, clicks, click on, the link, =links, password, log out, logged me out, create an account,
            error message, error, =loading, =loads slowly, not load, won't load, slow to load, freezes, timed out,
            mobile version, pop up, popups, cookie banner, search results, search box, the search, search is, search
            does, drop down, layout, easy to follow site, =placing ~ order, to place ~ order, n't place ~ order, easy
            to place, placed my order easily, simple to order, quick to order, order easily, simple ordering, order
            in minutes, ordered in two minutes, order ~ on my phone, online store, online experience, user
            experience, product page, homepage, home page, scroll, ordering experience, ordering from the website,
            ordering through, ordering via, straightforward ordering, easy process, simple process, smooth process,
            straightforward process, =ordering =was, =ordering =is, =ordering =went, =ordering =process, =ordering
            =system, =ordering =on""",
        "returns": """return policy, return label, return process, return shipping, return fee, refund, money back,
            warranty, guarantee, replacement, replace, =returns, reimburse, not return, n't return, free return, return
            ~ both, money returned, got my money, credit note, back it goes, back they go, back they are going, going
            straight back, gone straight back, being returned, sign of my money, wait ~ for my money, waiting on my
            money, where is my money, want my money, give me my money, return my money, n't had my money, have my
            money, money refunded, credited, credit back, chargeback, charge back, restocking fee, prepaid label, pre
            paid label, postage label, print ~ label, with the label, label they, label included, label in the box,
            warrantee, garantee, under guarantee, repaired, for repair, repair it, to be repaired, ship ~ back, bring ~
            back, post ~ back, posted back, mail ~ back, return window, return period, return date, cooling off, full
            refund, part refund, partial refund, refused to refund, collect it back, collected the return, could n't
            return, cannot return, returning these, returning it, no quibble, no questions asked, hassle free return,
            sent ~ a new one, sent ~ another one, sent a replacement""",
        "service": """customer service, customer support, customer care, service, helpdesk, help desk, support team,
            staff, employee, unhelpful, rude, polite, impolite, courteous, after sales, sales assistant, =advisor,
            happy to help, sort it, sort ~ out, sort it straight, knowledgeable, attentive, treated, caring, above
            and beyond, well looked after, looked after, seller was, seller ~ great, great seller, good seller,
            better seller, excellent seller, awesome seller, wonderful seller, amazing seller, fantastic seller,
            terrible seller, horrible seller, bad seller, accommodating, obliging, too much trouble, out of ~ way to,
            bent over backwards, bend over backwards, extra mile, lovely people, nice people, great people, good
            people, wonderful people, charming people, friendly people, kind people, lovely girl, lovely guy, lovely
            chap, lovely man, lovely woman, nice man, nice woman, nice guy, nice girl, young man, young lady, great
            guy, the rep, sales rep, representative, agents, the agent, an agent, adviser, manager, shop assistant, a
            real person, real person, a human, human being, actual human, actual person, chat bot, automated, canned
            response, copy and paste, copy paste, scripted, template, fobbed off, fob ~ off, passed around, pillar to
            post, passed from, pass the buck, blame, not their problem, not my problem, my problem, not my job, take
            it up with, washed their hands, could n't care less, couldnt care less, no help from, no help at all, n't
            help me, n't helpful, so helpful, very helpful, extremely helpful, super helpful, really helpful, most
            helpful, able to help, willing to help, eager to help, glad to help, pleased to help, quick to help, want
            to help, tried to help, very kind, so kind, really kind, kindness, very patient, so patient, patience,
            very understanding, so understanding, empathy, sympathetic, apologise, apologize, apology, apologetic,
            compensation, compensated, goodwill, all sorted, got sorted, sorted within, sorted quickly, sorted
            straight, sorted immediately, sorted for me, sorted my, sorted the, put ~ right, made it right, made
            things right, fixed it straight, rectify, easy to deal with, dealt with, easy to work with, great to work
            with, pleasure to work with, work with them, great to do business, great company to, listened to,
            arrogant, =abrupt ~ phone, was abrupt, very abrupt, dismissive, condescending, patronising, patronizing,
            stroppy, snotty, bad their attitude, their attitude, lied to, lied about, they lied, full of lies,
            excuses, excuse after, incompetent, incompetence, clueless, disrespectful, ignorant, hung up on, on hold,
            hold for, in a queue, in the queue, cut me off, transferred to, passed to, queries, ask a question, asked
            ~ question, my question, all my questions, problem was solved, problem solved, problem sorted, issue
            sorted, issue ~ resolved, issue ~ fixed, issue fixed, talked to, talk to someone, talk to a, talk to
            anyone, speak to someone, bad experience with, family run, good advice, great advice, excellent advice,
            helpful advice, their advice, expert advice, advice was, they n't care, they dont care, n't care about ~
            customer, n't care about you, n't care less, n't seem to care, the girl i spoke, the girl on, the guy i
            spoke, the guy on, the guy who, this seller, very professional, so professional, unprofessional,
            professional service, professional staff, pleasure to deal with, awful to deal with, terrible to deal
            with, great to deal with""",
        "contact": """reachable, unreachable, by phone, on the phone, over the phone, phone call, phone line, answer ~
            phone, telephone, hotline, call back, call ~ back, called them, call them, ring them, get through,
            =emailed, email, mailed, no reply, no answer, reply, replies, respond, response, responsive, chatbot,
            live chat, =chat, contact, communication, communicate, keep ~ informed, informed, inform, keep ~ posted,
            keep ~ updated, notify, notification, nobody told, no one told, never told, no word, no news, hear back,
            hear from, heard nothing, without explanation, no explanation, no warning, no card, pick up when, picks
            up, answer the phone, spoke to, speak to, unanswered, ignored my, ring, rang, called twice, called three
            times, too long to respond, long to respond, long to reply, =not =told, n't =told, told nothing, phone
            number, no number, call centre, call center, called customer, called and, called to, phoned you, rang
            you, wrote to, wrote ~ times, message, whatsapp, raised a ticket, support ticket, my ticket, opened a
            ticket, contact form, got back to, came back to me, radio complete left in the dark, in the dark,
            ghosted, text message, =sms, confirmation, order status, see where it was, see where the, see where my,
            where it was, where my parcel was, where the driver was, live map, on the map, on a map, never heard, n't
            heard, nobody answers, no one answers, nobody responds, no one responds, nobody replied, no one replied,
            answered ~ question, answered all, answered within, answered quickly, quick to respond, quick to answer,
            prompt response, slow to respond, slow to reply, three emails, kept in the loop, kept me in the loop, in
            the loop, uncontactable, reach anyone, reach them, to reach, reach out, no way to contact, n't answer,
            never answer, never replied, nobody called, no call, customer line, helpline, help line, =phoned,
            =phoning, get hold of, chase them, chase up, chasing, had to chase, without telling me, without telling
            us, no idea where my, no idea where the parcel""",
        "personalisation": """personalise, personalize, personalised, personalized, personalisation, personalization,
            customise, customize, customised, customized, tailor made, custom made, made to measure, recommended
            products, =recommendations, =suggestions, handwritten, hand written, for my skin, my taste, to my needs,
            my needs, personal touch, knew my name, engrave, engraving, my name on, name on it, his name on, her name
            on, names on, my initials, his initials, her initials, our initials, monogram*, =bespoke, made to order,
            suggested items, relevant to me, not relevant, things i like, remembered me, remembered my, by name,
            based on what i, knew what i, tailored to, personally addressed, personally signed, recommends me things,
            recommends me products""",
        "rewards": """loyalty, loyal customer, reward, loyalty point, my point, earn ~ point, collect ~ point, redeem ~
            point, bonus point, newsletter, voucher, coupon, discount code, promo code, promotional email, marketing
            email, spam, regular customer, membership, =members, birthday discount, long time customer, store credit,
            point ~ collected, =points, vip, tiers, gold member, cashback, cash back, refer a friend, referral,
            =perks, mailing list, unsubscribe, subscription, marketing mail, birthday code, birthday treat, birthday
            voucher, welcome code, welcome discount, my code, code did, code would, code was, code n't, code expired,
            first order discount, sign up discount, loyalty scheme, loyalty card, too many emails, emails a day,
            emails every day, emails every, daily emails, constant emails, bombarded, junk mail, stop emailing,
            existing customers, returning customers, repeat customers, being a member, as a member, member discount,
            members only, the club, =stamps, credit expired""",
        "community": """reviews of others, other reviews, the reviews, =reviewers, =reviewer, mixed reviews, =ratings,
            other customers, other buyers, other people's reviews, forum, community, based on ~ review, reviews ~ help,
            read ~ reviews, good reviews, great reviews, bad reviews, negative reviews, positive reviews, from reviews,
            star reviews, rave reviews, reviews said, reviews on, fake reviews, reviews are, these reviews, previous
            reviews, reviews helped, reviews before, customer reviews, product reviews, online reviews, the good
            reviews, my review was, my review never, my review n't, review removed, review deleted, publish my review,
            instagram, tiktok, facebook group, other people's photos, customer photos, other reviewers, the other
            reviewers, other customer's""",
        "character": """atmosphere, beautiful shop, cute shop, beautiful little shop, beautiful store, sustainab*, eco
            friendly, ethical, fair trade, recycl*, local products, independent shop, charming, charm, not very green,
            planet, where ~ come from, where ~ made, who made, who sewed, sweatshop, child labour, child labor, fair
            wages, working conditions, supply chain, ethically sourced, locally sourced, responsibly sourced,
            =sourcing, =organic, organically, vegan, cruelty free, plastic free, no plastic, less plastic, without
            plastic, single use, footprint, biodegradable, compostable, landfill, wasteful, plastic waste, packaging
            waste, so much waste, unnecessary waste, reusable, reuse, ethics, ethically, ecological, eco, carbon
            neutral, climate change, green company, greenwash*, small business, local business, family business, family
            run, independent business, independent company, small company, pollution, polluting, environmentally
            conscious, eco conscious, =greener, environmental*, the environment, =character, =branding, look and feel
            of the site, look and feel of the shop, look and feel of the store, carbon footprint, carbon emissions""",
    },
    unless_denied={
        "packaging": """damaged, damage, dent, dented, crushed, squashed, torn open, torn apart, torn box, box ~ torn,
            packaging ~ torn, package ~ torn, came torn, arrive torn, bag ~ torn, envelope ~ torn, parcel ~ torn,
            wrapping ~ torn, half torn, is torn""",
        "quality": """broken, break, broke, defect, defective, faulty, scratch, scratched, rip, ripped, hole, crack,
            cracked, was torn, torn after, torn at, a fault, faults, design fault, manufacturing fault""",
        "returns": """return, send ~ back, exchange, swap, =is =going back, =are =going back, =s =going back, =go
            =straight back, =went =straight back, =went =back, has to go back, have to go back, had to go back, take it
            back, take them back, take this back, take things back, taken back, take ~ back to the store, take ~ back
            to the shop, take the item back, take stuff back, take your items back""",
        "service": "complain, my complaint, a complaint, complaints, complaint was, complaints department",
    },
    if_alone={
        "quality": """gets stuck, stop work, not work, n't work, work perfectly, work great, work well, work fine,
            smell, thin, sturdy, solid, flimsy, useful, useless, practical, design, assembly, performance, easy to
            use, difficult to use, hard to use, simple to use, awkward to use, easy to set up, set up, setup, simple
            to set up, to set up, user friendly, intuitive, reliable, unreliable, perform, work just fine, work just
            as, works just, work so well, work really well, work very well, work for me, n't work for, handy, works
            wonders, junk, garbage, load of rubbish, absolute rubbish, complete rubbish, total rubbish, shiny, heavy,
            not impressed with, functional, functions, great features, features, fragile, delicate, charges quickly,
            =charging, =charges, to clean, to assemble, took ~ hours, took ~ hrs, instructions, top notch, never
            worked, never works properly""",
        "delivery": """still wait ~ for, wait ~ week, next day, late, take ~ week, take ~ day to, took ages, arrive,
            =package, take ~ month, came within, took so long, took too long, took way too long, still no sign, no sign
            of it, came quick, quick to come""",
        "packaging": "box, carton, container",
        "service": "helpful, friendly, lady, =team, resolve, solve ~ problem, help me out, advice",
        "completeness": """missing, was complete, arrived complete, came complete, everything complete, set complete,
            complete set, complete with, fully complete, not complete, complete order""",
        "contact": """answer, no update, any update, an update, =updates, =updated me, =updated on, status update,
            update on my, update me, never updated, not updated""",
        "fit": "in person, undersized, =oversized, is tiny, so tiny, it s tiny",
        "price": "dirt cheap",
    },
    sayings="""at all cost, at all costs, at any cost, cost of doing business, like a million bucks, give me a break, my
        fault, their fault, your fault, my own fault, fedex fault, courier's fault, this site, this website, this
        web site, scam site, scam website, fraudulent site, fake site, fraud site, sham site, my one complaint, one
        complaint, my only complaint, only complaint, biggest complaint, main complaint, packed ~ away, pack ~ away,
        many happy returns""",
    things="""product, products, item, article, purchase, gadget, dress, shirt, top, blouse, sweater, jumper, cardigan,
        skirt, pants, trousers, jeans, jacket, coat, vest, hoodie, sweatshirt, jersey, tshirt, tee, shorts,
        leggings, suit, swimsuit, bikini, sock, glove, scarf, hat, cap, belt, shoe, boot, sneaker, trainers, sandal,
        slipper, heels, bag, backpack, rucksack, handbag, purse, wallet, suitcase, watch, ring, necklace, bracelet,
        earring, glasses, sunglasses, phone, case, charger, cable, headphones, earphones, earbuds, speaker,
        keyboard, mouse, laptop, tablet, camera, tv, printer, ink, battery, lamp, torch, chair, table, desk, sofa,
        couch, bed, mattress, pillow, duvet, blanket, sheets, towel, rug, curtain, shelf, pan, pot, knife, mug,
        bottle, kettle, toaster, blender, mixer, vacuum, hoover, machine, device, drill, tool, tent, bike, helmet,
        toy, doll, puzzle, book, cream, shampoo, perfume, lotion, serum, mascara, lipstick, soap, candle, tea,
        coffee, wine, chocolate, plant, flowers, poster, sticker, koozie, ball, piece, kit""",
    verdicts="""good, great, excellent, perfect, awesome, amazing, fantastic, wonderful, superb, terrific, brilliant,
        fabulous, decent, outstanding, bad, terrible, awful, horrible, poor, lousy, rubbish, crappy""",
    negations="""no, not, never, nothing, none, nobody, without, cannot, neither, nor, hardly, dont, didnt, doesnt, cant,
        couldnt, wont, isnt, wasnt""",
    conjunctions="but, although, though, however, except, yet",
    lemmas={
        "broke": "break",
        "shipping": "shipping",
        "packaging": "packaging",
        "better": "better",
        "worse": "worse",
        "left": "left",
        "fitting": "fitting",
        "loose": "loose",
        "packed": "packed",
        "missing": "missing",
        "worn": "worn",
        "building": "building",
        "delayed": "delay",
        "feeling": "feeling",
        "didn't": "n't",
        "doesn't": "n't",
        "don't": "n't",
        "hasn't": "n't",
        "haven't": "n't",
        "hadn't": "n't",
        "isn't": "n't",
        "wasn't": "n't",
        "aren't": "n't",
        "weren't": "n't",
        "won't": "n't",
        "wouldn't": "n't",
        "can't": "n't",
        "cannot": "n't",
        "couldn't": "n't",
        "shouldn't": "n't",
        "didnt": "n't",
        "doesnt": "n't",
        "dont": "n't",
        "hasnt": "n't",
        "havent": "n't",
        "hadnt": "n't",
        "isnt": "n't",
        "wasnt": "n't",
        "arent": "n't",
        "werent": "n't",
        "wont": "n't",
        "wouldnt": "n't",
        "cant": "n't",
        "couldnt": "n't",
    },
)
