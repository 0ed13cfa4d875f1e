"""The shipped words of Spanish."""

from pipeline.core.attitude.vocabulary import Vocabulary

SPANISH = Vocabulary(
    words={
        "delivery": """entrega, entregar, envío, envíos, paquetería, mensajero, mensajería, repartidor, reparto,
            transportista, transporte, seur, mrw, dhl, retraso, retrasar, demora, demorar, tardar, tardanza, a
            tiempo, puntual, puntualidad, plazo, plazos, fecha prevista, fecha prometida, día prometido, día que
            prometieron, no ~ recibido, nunca ~ recibido, no lo he recibido, nunca llegó, aún no recibo, no
            recibí, esperando ~ paquete, esperando ~ pedido, seguimiento del pedido, recibido en, recibí ~ días,
            recibido ~ días, recibido al día siguiente, al día siguiente ~ casa, día siguiente lo, antes de lo
            previsto, antes de lo esperado, en camino, despacho, gastos de envío, dejaron ~ vecino, semanas
            después, nunca vino, no vino, envío gratis, =días después, llegó ~ días, llegó rápido, llegó muy
            rápido, llegó ~ día, cartero, tenía mi pedido, no llegó, aún no llega, llegó ~ tiempo, llegó antes,
            muy tarde, llegó tarde, tarde llegó, llegó muy tarde, recibí ~ pedido en, menos de ~ horas,
            entregado, entregaron, despachar, tardío, atraso, atrasado, extraviar, perdieron ~ paquete, paquete
            perdido, llegó ~ fecha, en buenas condiciones, en perfecto estado, en perfectas condiciones""",
        "delivery_options": """punto de recogida, puntos de recogida, recogida, recoger ~ tienda, recogerlo,
            recoger en, retirar en, retiro en tienda, vecino, dejaron ~ vecino, vecina, franja horaria, franja,
            horario de entrega, los sábados, fin de semana, otro día, otra dirección, dirección equivocada,
            cambiar ~ dirección, cambio de dirección, oficina de correos, taquilla, elegir ~ día, portería,
            conserje""",
        "packaging": """embalaje, embalar, embalado, empaquetar, empaquetado, empaque, empacado, cartón,
            envoltorio, envuelto, envolver, envase, papel de burbujas, plástico de burbujas, bien protegido, mal
            protegido, demasiado plástico, mucho plástico, añicos, relleno""",
        "completeness": """faltar, faltaba, faltaban, incompleto, incompleta, artículo equivocado, producto
            equivocado, talla equivocada, color equivocado, modelo equivocado, pedido equivocado, equivocado,
            equivocarse, se equivocaron, artículo incorrecto, entregaron ~ equivocado, llegó ~ equivocado,
            artículo en la caja, producto incorrecto, otro producto, otro artículo, otro modelo, error ~ pedido,
            parte del pedido, mitad del pedido, lo que pedí, lo que había pedido, lo que compré, pedido
            correcto, todo correcto, en varias veces, en dos veces, en tres veces, varios paquetes, vino todo,
            todo completo, pedido completo, no venía, no venían, no incluye, no incluía, vino sin, no estaba en
            la caja, venía sin, en lugar de, solo ~ enviaron, solo llegó, mitad de lo, manual, sin
            instrucciones, guía para, como lo pedí, según lo pedido, no traía, no trae, sin tornillos, piezas
            faltantes, menos piezas""",
        "stock": """agotado, agotada, agotados, agotar, existencias, stock, disponible, disponibilidad, no
            disponible, sin existencias, reponer, cancelar ~ pedido, cancelaron ~ pedido, cancelado, pedido
            cancelado, en mi talla, mi talla ~ agotada, talla ~ agotada, talla ~ disponible, no quedaba, no
            quedaban, ya no queda, ya no tienen, sin stock, no =tenían, ya no hay, no hay ~ talla, cancelaron ~
            compra""",
        "choice": """variedad, surtido, elección, opciones, catálogo, colección, selección, hay de todo, tienen
            de todo, encuentras de todo, mucho donde elegir, dónde elegir, amplia oferta, variado, tallas
            grandes, =marcas, amplia gama, gama de productos, muchos modelos, muchas opciones, gran diversidad,
            diversidad""",
        "quality": """calidad, calidad precio, relación calidad precio, material, materiales, tela, tejido,
            costura, costuras, acabado, acabados, rematado, duradero, durar, dura, desgastar, desgaste,
            desgastado, descoser, despegar, desteñir, encoger, encogido, transparentar, transparenta, dejó de
            funcionar, no enciende, no encendía, no carga, avería, averiado, =cómodos, =cómodas, =cómoda, zapato
            ~ cómodo, comodísimo, comodísimos, suave, blando, hundir, se hunde, cojea, tambalea, falso,
            falsificación, imitación, huele, olor, sabor, sabe bien, buen producto, muy buen producto, excelente
            producto, producto excelente, gran producto, mal producto, mala calidad, pésimo producto, producto ~
            bueno, producto ~ malo, bien hecho, mal hecho, porquería, basura, mancha, manchas, se cayó, se
            suelta, se soltó, soltar, pica, oxidar, oxidado, impermeable, incómodo, deformar, se deforma,
            cremallera, suela, ruido, chapuza, floja, flojo, no ~ original, abolladura, silencioso, cumple su
            función, inútil, terminación, fácil de armar, facil de armar, fácil de montar, inestable, compacto,
            rígido, débil, resistir, se rompió, cumple ~ funciones, cumple ~ propósito, ruidoso, potente,
            batería, rendimiento, aroma, textura, desgarrar, pelusa, bolitas, descolorido, producto ~ genial, me
            gustó ~ producto, buenos productos, productos ~ buenos, excelentes productos, no pesa, bien acabado,
            mal acabado, sonido, seguro y cómodo, cómodo y, cómodo para""",
        "fit": """=talla, =tallas, tallar, tallaje, mi número, número de zapato, quedar ~ grande, quedar ~
            pequeño, queda ~ bien, quedar ~ pequeña, queda grande, queda pequeño, queda perfecto, queda como,
            demasiado grande, demasiado pequeño, muy grande, muy pequeño, apretado, ajustado, estrecho, ancho,
            muy largo, demasiado largo, corto, holgado, medida, medidas, color, colores, tono, foto, fotos, como
            en la foto, igual que en la foto, imagen, imágenes, descripción, como se describe, según lo
            descrito, tal cual, tal como se ve, no corresponde, no coincide, anunciado, lo anunciado, guía de
            tallas, sienta bien, sienta genial, apretar, aprietan, aprieta, manga, mangas, tacón, cintura,
            holgada, estrechos, horma, el ajuste, ajuste perfecto, tamaño, dimensiones, especificaciones,
            especificado, cumple ~ características, características del producto, idéntico, idéntica, talle,
            entallado, calce, como se muestra, media talla, un número más, un número menos, queda chico, muy
            chico, engañoso, engañosa, más grande de lo, más pequeño de lo, más pequeño que, más grande que""",
        "price": """precio, precios, =caro, =cara, =caros, caras, carísimo, carísima, barato, barata, baratos,
            económico, coste, costo, costar, gastos, tarifa, descuento, descuentos, oferta, ofertas, rebaja,
            rebajas, rebajado, promoción, relación calidad precio, asequible, vale la pena el dinero, chollo,
            ganga, pagué ~ precio, pagar ~ precio, precio completo, dinero tirado, tirar el dinero, más barato,
            gastos de envío, precio calidad, competitivo, por lo que cuesta, carero, envío gratuito, a buen
            precio, cobran demasiado""",
        "payment": """pago, pagos, al pagar, pagar con, pagar por, pagar a plazos, pagar contra, contra
            reembolso, forma de pago, formas de pago, método de pago, paypal, bizum, klarna, tarjeta, tarjeta de
            crédito, factura, facturas, facturar, cobrar dos veces, cobraron ~ veces, cobro, cobrado, carrito,
            cesta, transferencia, ya pagado, plazos sin, rechazaron ~ tarjeta, tarjeta rechazada, pago
            rechazado, cuotas, cargo duplicado, cobraron doble, cobraron dos veces, pasarela, checkout, mercado
            pago""",
        "website": """web, página, página web, sitio web, tienda online, tienda en línea, app, aplicación,
            buscador, navegación, navegar, filtro, filtros, iniciar sesión, entrar en mi cuenta, mi cuenta,
            contraseña, fácil de usar, intuitiva, intuitivo, comprar fue, comprar es fácil, compra fácil, fácil
            de comprar, fácil comprar, sencillo comprar, proceso de compra, hacer el pedido, hacer un pedido,
            pedido fácil, el sitio, este sitio, su sitio, se cuelga, la aplicación se cierra, carga lento,
            carrito se vacía""",
        "returns": """devolución, devoluciones, reembolso, reembolsar, devolver ~ dinero, devuelvan ~ dinero,
            devolvieron ~ dinero, garantía, cambio de talla, reemplazo, reemplazar, repuesto, sustituir,
            sustitución, me enviaron otro, me mandaron otro, abono, recuperar ~ dinero, reintegro, canje, me
            cambiaron ~ producto, cambio del producto""",
        "service": """servicio, atención al cliente, servicio al cliente, servicio técnico, soporte, atender,
            personal, dependiente, dependienta, empleado, empleada, amable, amables, amabilidad, simpático,
            simpática, borde, maleducado, maleducada, grosero, educado, trato, profesional, profesionales,
            profesionalidad, asesorar, asesoramiento, consejo, aconsejar, solucionar, arreglar ~ enseguida, lo
            arreglaron, me trataron, bien atendido, bien atendida, mal atendido, ignorar, dispuestos a ayudar,
            servicial, asesor, asesora, cordial, cordialidad, vendedor, vendedora, posventa, postventa, muy
            atentos, paciencia, resolvieron ~ dudas, resolver ~ dudas, resolvieron ~ problema, buena atención,
            excelente atención, mala atención, pésima atención, atención rápida""",
        "contact": """teléfono, por teléfono, llamar, llamada, llamadas, correo, correos, email, emails, e mail,
            mensaje, mensajes, whatsapp, responder, respuesta, respuestas, contestar, contestación, contactar,
            contacto, comunicación, comunicar, comunicarse, informar, informado, información del pedido, avisar,
            aviso, notificar, notificación, seguimiento, seguimiento del pedido, rastreo, rastrear, chat,
            chatbot, sin noticias, noticias, sin explicación, sin explicaciones, ninguna explicación, localizar,
            no contestan, atienden el teléfono, no me dieron respuesta""",
        "personalisation": """personalizado, personalizada, personalizar, personalización, a medida, nota
            escrita, nota a mano, escrita a mano, escrito a mano, recomendaciones, sugerencias, para mi piel,
            para mi tipo, mis gustos, mis necesidades, trato personal, qué detalle, detalle personal""",
        "rewards": """mis puntos, puntos acumulados, canjear ~ puntos, fidelidad, programa de fidelidad, tarjeta
            de cliente, tarjeta regalo, boletín, newsletter, cupón, cupones, código de descuento, código
            promocional, vale de descuento, cliente desde, clienta desde, cliente habitual, clienta habitual,
            correos publicitarios, publicidad, spam, premios, socio, fiel, =puntos""",
        "community": """=opiniones, =reseñas, =valoraciones, otros clientes, otros compradores, comentarios de,
            los comentarios, foro, comunidad""",
        "character": """ambiente, atmósfera, estilo propio, tienda bonita, tienda preciosa, bonita tienda,
            sostenible, sostenibilidad, ecológico, ecológica, medio ambiente, medioambiente, respetuoso, local,
            productos locales, artesanal, artesano, comercio justo, reciclado, reciclable, personalidad, alma,
            con encanto, encanto de la, mucho encanto""",
    },
    unless_denied={
        "packaging": """dañado, dañada, abollado, abollada, aplastado, aplastada, golpeado, golpeada, rasgado,
            caja rota, paquete roto, embalaje roto""",
        "quality": """romper, roto, rota, rotos, defecto, defectos, defectuoso, defectuosa, rayado, rayada,
            arañazo, arañazos, agujero, agrietado, tara, estropear, estropeado""",
        "returns": """devolver, devolverlo, devolverla, devolví, cambiarlo, cambiarla, cambiar ~ talla,
            cambiaron por, cambiaron ~ talla, retornar""",
        "service": "reclamación, reclamaciones, reclamar, queja, quejas, quejarse, quejarme",
    },
    if_alone={
        "quality": """no funciona, no funcionaba, funciona bien, funciona perfecto, funciona perfectamente,
            funciona de maravilla, no sirve, dejar de funcionar, no funcionar, fallo, fallos, resistente,
            resistencia, robusto, frágil, endeble, práctico, práctica, útil, funcional, armado, montaje, diseño,
            eficaz, eficiente, efectivo, ligero, liviano, firme, estable, inestable""",
        "delivery": """=esperar, =esperando, =espera, =esperé, tarde, correos, paquete, sigo esperando el, sigo
            esperando mi, llegar, llegada""",
        "packaging": "caja, protegido",
        "service": "ayudar mucho, me ayudó, atención, resolver, solución, me ayudaron",
        "completeness": "falta, completo, completa",
    },
    negations="no, ningún, ninguna, ninguno, nada, nunca, jamás, sin, ni, nadie, tampoco",
    conjunctions="pero, aunque, sino, excepto, salvo",
    lemmas={
        "tallas": "talla",
        "talla": "talla",
        "rota": "roto",
        "rotas": "roto",
        "rotos": "roto",
        "falta": "faltar",
        "tarde": "tarde",
        "cara": "caro",
        "caras": "caro",
        "envío": "envío",
        "llego": "llegar",
        "marcas": "marca",
        "caja": "caja",
        "gastos": "gasto",
        "para": "para",
        "sobre": "sobre",
    },
)
