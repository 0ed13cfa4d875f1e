"""The shipped words of English."""

from pipeline.core.attitude.vocabulary import Vocabulary

ENGLISH = Vocabulary(
    words={
        "delivery": """deliver, delivery, ship, shipping, shipment, parcel, courier, dispatch, postman, carrier,
            =driver, arrival, on time, in time, delay, delayed, in transit, =ups, fedex, dhl, dpd, royal mail,
            wait ~ order, wait ~ parcel, not ~ received, never ~ received, n't receive, never came, never turn
            up, not turn up, come next day, came ~ early, came quickly, came on time, come ~ next day, promise
            day, promise date, expected date, receive it ~ day, receive ~ quickly, fast turnaround, received on,
            tracking, track ~ order, track ~ parcel, took ~ to get here, took ~ to get to me, took forever, get
            here, got here, came after, only came, show up, showed up, fortnight, weeks later, never showed up,
            never got, not ~ arrive, delivered, free shipping, free delivery, =days later, never turned up,
            turned up late, turned up early, did ~ turn up, arrive ~ early, arrive ~ late, arrive ~ day, arrive
            ~ week, arrive ~ time, arrive quickly, arrive promptly, never arrive, not arrive, n't arrive, came
            within, arrive ~ fast, came fast, arrive ~ condition, arrive in, lost in the post, lost in
            transit""",
        "delivery_options": """pick up point, pickup point, collection point, click and collect, collect ~
            store, collect ~ shop, time slot, timeslot, delivery slot, delivery window, delivery time, delivery
            option, evening delivery, saturday delivery, weekend delivery, neighbour, neighbor, locker, post
            office, another day, another address, other address, different address, change ~ address, wrong
            address, pick ~ up from, pick it up, safe place, drop off point, choose ~ day""",
        "packaging": """=packaging, =packaged, packed, =packing, wrap, wrapped, wrapping, cardboard, bubble
            wrap, too much plastic, far too much plastic, so much plastic, well protected, gift wrap, smashed,
            shattered, padding""",
        "completeness": """incomplete, miss ~ part, wrong item, wrong product, wrong size, wrong order, wrong
            one, wrong colour, wrong color, wrong model, wrong article, wrong thing, wrong ~ delivered, deliver
            ~ wrong, sent ~ wrong, wrong ~ arrived, item in the box, partial delivery, part of ~ order, half of
            ~ order, not what ~ order, exactly what ~ ordered, what ~ had ordered, as ordered, everything was
            there, everything there, all there, mistake ~ order, order ~ mistake, mixed up, instead of the ~
            ordered, only ~ of the, separate parcel, several parcels, correct item, all complete, order
            complete, order was complete, not in the box, n't in the box, was ~ in the box, not include, n't
            include, not included, came without, without charger, sent me ~ instead, parts missing, part
            missing, screws missing, piece missing, extra item, half of what""",
        "stock": """sold out, sell out, out of stock, in stock, stock, restock, unavailable, not available,
            available, availability, back order, backorder, cancel ~ order, order ~ cancel, no longer available,
            in my size, my size ~ sold out, size ~ sold out, size ~ out of stock, size ~ not available, my size
            ~ available, size ~ unavailable, none left, not ~ any left, run out of, ran out of, my size ~ in
            stock, size in stock""",
        "choice": """choice, assortment, selection, range, variety, =brands, collection, lots to choose, plenty
            to choose, much to choose, something for everyone, everything you need, everything i need,
            catalogue, large size, plus size, bigger size range, small size, wide choice, choice of""",
        "quality": """quality, material, fabric, well made, poorly made, badly made, beautifully made, nicely
            made, well constructed, construction, durable, feel ~ cheap, look ~ cheap, cheap looking, cheaper
            side, cheap material, cheaply made, fall apart, fell apart, come apart, came apart, come off, came
            off, wear out, worn out, shrink, shrank, shrunk, fade, peel, stitching, stitch, seam, comfortable,
            comfy, soft, cosy, cozy, scratchy, itchy, stiff, see through, sheer, workmanship, craftsmanship,
            pilling, stain, last ~ long, not last, n't last, last ~ year, last ~ month, good product, great
            product, excellent product, poor product, bad product, amazing product, product ~ good, product ~
            great, product ~ excellent, rubbish product, fake, counterfeit, genuine, taste, leak, well built,
            snap, snapped, come loose, came loose, fall off, fell off, bent, rust, rusty, creak, wobbl*, squeak,
            uncomfortable, itch, threadbare, lose its shape, lost its shape, lost ~ shape, bobbl*, cheap
            plastic, brittle, waterproof, gave up after, died after, packed in after, dead on arrival, hard
            wearing, lightweight, feels great, feel ~ nice, not ~ original, battery, scent, work flawlessly,
            works flawlessly, easy to assemble, easy to set up, easy to use product, held up, hold up, premium,
            do the job, does what it says, great item, lovely item, nice item, noisy, breathable, unravel,
            frayed, poor finish, nice finish, beautiful finish, finish is, the finish""",
        "fit": """fit, =fits, fitting, =size, =sizes, =sizing, sized, run small, run large, run big, run ~
            small, run ~ large, run ~ big, run tight, run ~ short, run ~ wide, run ~ long, run ~ narrow, little
            longer, little shorter, bit longer, bit shorter, tad longer, waist, bust, busty, chest, torso,
            =hips, online ~ picture, true to size, too small, too big, too large, too tight, too loose, too
            short, too long, too wide, too narrow, tight, snug, baggy, roomy, loose, flattering, length, petite,
            colour, color, as pictured, as picture, as described, as description, as shown, as advertised, as
            expected from, like the picture, like the photo, like the pic, like ~ picture, like ~ photo, not ~
            picture, from the picture, in the picture, on the model, different from ~ picture, description,
            misleading, larger than, smaller than, longer than, shorter than, bigger than, pinch, sleeve, heel,
            toe, hem, neckline, waistband, cut, shape, leg, wide fit, narrow, shade, than in the photo, in the
            photo, dimension, measurement, true to colour, true to color""",
        "price": """=price, =prices, =priced, pricing, pricey, overpriced, expensive, =cheaper, =cheapest, cheap
            price, not cheap, n't cheap, cost, costly, affordable, discount, bargain, =sale, value for money,
            worth the money, good value, great value, worth every penny, pay more, pay less, full price, pay ~
            full price, pay ~ price, special offer, great deal, good deal, waste of money, money well spent,
            ripoff, rip off, markdown, reduced, buy one get one, two for one, dear, half price, cheap shipping,
            free shipping, free delivery, price tag, high price, postage""",
        "payment": """checkout, check out, payment, pay by, pay with, pay via, pay later, pay in, paypal,
            klarna, credit card, debit card, apple pay, =card, invoice, =bill, billing, charge ~ twice, charged,
            overcharged, shopping cart, =cart, basket, instalment, installment, while ~ paying, when ~ paying,
            already paid, bank transfer, pay online, card declined, card was declined, card ~ declined, card
            refused, card ~ refused, payment failed""",
        "website": """website, web site, =site, webshop, web shop, online shop, app, navigation, navigate,
            search function, search ~ website, search bar, =filters, log in, login, log on, sign in, my account,
            page load, user friendly, easy to order, easy to use site, =ordering, order process, easy order,
            webpage, menu, crash, browse, web page, intuitive""",
        "returns": """return policy, return label, return process, return shipping, return fee, refund, money
            back, warranty, guarantee, replacement, replace, =returns, reimburse, not return, n't return, free
            return, return ~ both, money returned, got my money, credit note""",
        "service": """customer service, customer support, customer care, service, helpdesk, help desk, support
            team, staff, employee, unhelpful, rude, polite, impolite, courteous, after sales, sales assistant,
            =advisor, happy to help, sort it, sort ~ out, sort it straight, knowledgeable, attentive, treated,
            caring, above and beyond, professional, well looked after, looked after""",
        "contact": """reachable, unreachable, by phone, on the phone, over the phone, phone call, phone line,
            phoned, answer ~ phone, telephone, hotline, call back, call ~ back, called them, call them, ring
            them, get through, =emailed, email, mailed, no reply, no answer, reply, replies, respond, response,
            responsive, chatbot, live chat, =chat, contact, communication, communicate, keep ~ informed,
            informed, inform, keep ~ posted, keep ~ updated, notify, notification, nobody told, no one told,
            never told, n't told, not told, tracking, track and trace, track ~ order, track ~ parcel, no word,
            no news, hear back, hear from, heard nothing, without explanation, no explanation, no warning, no
            card, pick up when, picks up, answer the phone, spoke to, speak to, unanswered, ignored my, ring,
            rang, called twice, called three times, too long to respond, long to respond, long to reply""",
        "personalisation": """personal, personally, personalise, personalize, personalised, personalized,
            personalisation, personalization, customise, customize, customised, customized, tailored, tailor
            made, custom made, made to measure, recommended products, =recommendations, =suggestions,
            handwritten, hand written, for my skin, my taste, to my needs, my needs, personal touch, knew my
            name""",
        "rewards": """loyalty, loyal customer, reward, loyalty point, my point, earn ~ point, collect ~ point,
            redeem ~ point, bonus point, newsletter, voucher, coupon, discount code, promo code, promotional
            email, marketing email, spam, gift card, regular customer, membership, =members, birthday discount,
            long time customer, store credit, point ~ collected, =points""",
        "community": """reviews of others, other reviews, the reviews, =reviewers, =reviewer, mixed reviews,
            =ratings, other customers, other buyers, other people's reviews, forum, community, based on ~
            review, reviews ~ help""",
        "character": """atmosphere, look and feel, beautiful shop, cute shop, beautiful little shop, beautiful
            store, branding, sustainab*, eco friendly, environment*, ethical, fair trade, recycl*, local
            products, independent shop, character, charming, charm, not very green, planet, greener""",
    },
    unless_denied={
        "packaging": "damaged, damage, dent, dented, torn, crushed, squashed",
        "quality": """broken, break, broke, defect, defective, faulty, fault, scratch, scratched, rip, ripped,
            hole, crack, cracked""",
        "returns": """return, send ~ back, exchange, swap, take ~ back, =is =going back, =are =going back, =s
            =going back, =go =straight back, =went =straight back, =went =back, has to go back, have to go back,
            had to go back""",
        "service": "complaint, complain",
    },
    if_alone={
        "quality": """stop work, not work, n't work, never work, work perfectly, work great, work well, work
            fine, smell, thin, sturdy, solid, flimsy, useful, useless, practical, effective, design, assembly,
            performance""",
        "delivery": """still wait ~ for, wait ~ week, next day, late, take ~ week, take ~ day to, took ages,
            arrive, =package""",
        "packaging": "box, carton",
        "service": "helpful, friendly, lady, =team, resolve, solve ~ problem, help me out",
        "completeness": "missing, complete",
        "contact": "answer, update",
    },
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
    },
)
