"""The shipped words of Spanish."""

from pipeline.core.attitude.vocabulary import Vocabulary

SPANISH = Vocabulary(
    words={
        "delivery": """entrega, entregar, envío, envíos, paquetería, mensajero, mensajería, repartidor, reparto,
            transportista, transporte, seur, mrw, dhl, retraso, retrasar, demora, demorar, tardar, tardanza, a
            tiempo, puntual, puntualidad, plazo, plazos, fecha prevista, fecha prometida, día prometido, día que
            prometieron, no ~ recibido, nunca ~ recibido, no lo he recibido, nunca llegó, aún no recibo, no recibí,
            esperando ~ paquete, esperando ~ pedido, seguimiento del pedido, recibido en, recibí ~ días, recibido ~
            días, recibido al día siguiente, al día siguiente ~ casa, día siguiente lo, antes de lo previsto, antes
            de lo esperado, en camino, despacho, gastos de envío, dejaron ~ vecino, semanas después, nunca vino, no
            vino, envío gratis, =días después, llegó ~ días, llegó rápido, llegó muy rápido, llegó ~ día, cartero,
            tenía mi pedido, no llegó, aún no llega, llegó ~ tiempo, llegó antes, muy tarde, llegó tarde, tarde
            llegó, llegó muy tarde, recibí ~ pedido en, menos de ~ horas, entregado, entregaron, despachar, tardío,
            atraso, atrasado, extraviar, perdieron ~ paquete, paquete perdido, llegó ~ fecha, en buenas condiciones,
            recibir ~ rápido, recibí ~ rápido, lo recibí en, recibí enseguida, recibí en seguida, recibí ~ seguida,
            recibir el pedido, nunca me llegó, no me llegó, no me ha llegado, no ha llegado, nunca ha llegado, sigue
            sin llegar, sin llegar, aún no ha llegado, todavía no llega, todavía no ha llegado, tarda, tardó,
            tardaron, tardan, tardado, servicio de transporte, servicio de entrega, servicio de mensajería, servicio
            de envío, servicio de paquetería, servicio de reparto, empresa de transporte, agencia de transporte, gls,
            ups, correos express, nacex, ctt, estafeta, fedex, me lo trajeron, llegó en, llegó al día, llegó a
            tiempo, llegó puntual, llegaron puntuales, llegó en ~ horas, llegó enseguida, llegó súper rápido, llegó ~
            semanas, llegó en fecha, llegar ~ semana, en menos de 24 horas, de un día para otro, días de espera,
            semanas esperando, meses esperando, llevo ~ esperando, llevo esperando, pedido perdido, se perdió ~
            paquete, perdió el paquete, retenido en aduana, aduana, aduanas, enviado a tiempo, enviaron rápido,
            enviar ~ rápido, dejado en la puerta, dejaron en la puerta, sin llamar al timbre, seguimiento, sin
            seguimiento, número de seguimiento, código de seguimiento, rapidez, rápidos en el envío, rapidísimo,
            rapidísima, un día antes, días antes, en tiempo, puntuales, en aduanas, parado en aduana, correos no""",
        "delivery_options": """punto de recogida, puntos de recogida, recogida, recoger ~ tienda, recogerlo, recoger en,
            retirar en, retiro en tienda, vecino, dejaron ~ vecino, vecina, franja horaria, franja, horario de
            entrega, otra dirección, dirección equivocada, cambiar ~ dirección, cambio de dirección, oficina de
            correos, taquilla, elegir ~ día, portería, conserje, entrega los sábados, reparto los sábados, entrega en
            sábado, entregar ~ sábados, reparten los sábados, entregaran ~ sábados, entregan ~ sábados""",
        "packaging": """embalaje, embalar, embalado, empaquetar, empaquetado, empaque, empacado, cartón,
            envoltorio, envuelto, envolver, envase, papel de burbujas, plástico de burbujas, bien
            protegido, mal protegido, demasiado plástico, mucho plástico, añicos, relleno, mal embalado,
            bien embalado, mal envuelto, bien envuelto, bien empaquetado, mal empaquetado, caja abierta,
            paquete abierto, caja aplastada, caja abollada, caja dañada, paquete dañado, burbujas, sin
            protección, sin ninguna protección, precinto, precintado, precintada, sin precintar, bolsa de
            plástico, sobre acolchado, caja destrozada, paquete destrozado, bien presentado, papel kraft,
            porexpan, envoltura, empaquetamiento, embalage, enbalaje, caja enorme, caja demasiado grande,
            venía suelto en""",
        "completeness": """incompleto, incompleta, artículo equivocado, producto equivocado, talla equivocada, color
            equivocado, modelo equivocado, pedido equivocado, equivocado, equivocarse, se equivocaron, artículo
            incorrecto, entregaron ~ equivocado, llegó ~ equivocado, artículo en la caja, producto incorrecto, otro
            producto, otro artículo, otro modelo, error ~ pedido, parte del pedido, mitad del pedido, lo que pedí, lo
            que había pedido, pedido correcto, todo correcto, en varias veces, en dos veces, en tres veces, varios
            paquetes, vino todo, todo completo, pedido completo, no venía, no venían, no incluye, no incluía, vino
            sin, no estaba en la caja, venía sin, en lugar de, solo ~ enviaron, solo llegó, mitad de lo, manual, sin
            instrucciones, guía para, como lo pedí, según lo pedido, no traía, no trae, sin tornillos, piezas
            faltantes, menos piezas, =lo que compré, exactitud en el pedido, exactitud del pedido, llega solo uno,
            llega solo una, llegó solo uno, llegó solo una, solo me llegó, sólo me llegó, sólo llegó, me llega solo,
            solo venía, sólo venía, solo traía, enviaron otro, mandaron otro, mandaron uno distinto, mandaron el que
            no, me falta, faltaba una, faltan piezas, faltaban piezas, pieza que falta, caja vacía, paquete vacío,
            sin el cable, sin cargador, sin pilas, sin manual, no es lo que pedí, no es lo que había pedido, no era
            lo que pedí, no es el que pedí, no es el modelo, otra referencia, vino otro, me vino otro, me vino otra,
            distinto al que pedí, distinto del que pedí, diferente al que pedí, pedido mal, pedido erróneo, producto
            erróneo, artículo erróneo, tal y como lo pedí, exactamente lo que pedí, la mitad del pedido, pedido a
            medias, pedido incompleto, venía incompleto, no venía incluido, se olvidaron de, olvidaron meter, faltaba
            una pieza, faltaba un artículo, faltaba una prenda, faltan artículos, me faltaba, me faltaban, me faltan,
            falta un artículo, falta una prenda, falta una pieza, falta un producto, le faltan piezas, le falta una
            pieza, le falta un tornillo, le faltaba una pieza, le faltaba un tornillo, acorde con lo pedido, =faltan,
            =faltaban""",
        "stock": """agotado, agotada, agotados, agotar, existencias, stock, disponible, disponibilidad, no
            disponible, sin existencias, reponer, cancelar ~ pedido, cancelaron ~ pedido, cancelado,
            pedido cancelado, en mi talla, mi talla ~ agotada, talla ~ agotada, talla ~ disponible, no
            quedaba, no quedaban, ya no queda, ya no tienen, sin stock, no =tenían, ya no hay, no hay ~
            talla, cancelaron ~ compra, no quedan, se agota, se agotan, no les queda, sin mi talla, no hay
            de mi talla, cancelaron la compra, me cancelaron, me anularon, anularon, anular ~ pedido,
            pedido anulado, rotura de stock, fuera de stock, volver a tener, cuándo repondrán, reposición,
            repongan, lista de espera, descatalogado, no tenían el, ya no está a la venta, no había
            existencias, no había stock""",
        "choice": """variedad, surtido, elección, catálogo, colección, selección, hay de todo, tienen de todo,
            encuentras de todo, mucho donde elegir, dónde elegir, amplia oferta, variado, tallas grandes, =marcas,
            amplia gama, gama de productos, muchos modelos, muchas opciones, gran diversidad, diversidad, poca cosa
            para, poca variedad, poco donde elegir, poco surtido, mucha variedad, gran variedad, muchos productos,
            gran surtido, encuentro lo que busco, encuentras lo que buscas, encuentro de todo, encontrar de todo,
            encontré lo que, encuentro todo, encontrar todo, todo lo que necesito, todo lo que busco, de todo un
            poco, más modelos, más colores para elegir, pocas opciones, pocos modelos, falta de opciones, todas las
            marcas, para elegir, donde escoger, para escoger, novedades, más opciones, escasa variedad""",
        "quality": """calidad, calidad precio, relación calidad precio, material, materiales, tela, tejido, costura,
            costuras, acabado, acabados, rematado, duradero, durar, dura, desgastar, desgaste, desgastado, descoser,
            despegar, desteñir, encoger, encogido, transparentar, transparenta, dejó de funcionar, no enciende, no
            encendía, no carga, avería, averiado, =cómodos, =cómodas, =cómoda, zapato ~ cómodo, comodísimo,
            comodísimos, suave, blando, hundir, se hunde, cojea, tambalea, falso, falsificación, imitación, huele,
            olor, sabor, sabe bien, buen producto, muy buen producto, excelente producto, producto excelente, gran
            producto, mal producto, mala calidad, pésimo producto, producto ~ bueno, producto ~ malo, bien hecho, mal
            hecho, porquería, mancha, manchas, se cayó, se suelta, se soltó, soltar, pica, oxidar, oxidado,
            impermeable, deformar, se deforma, cremallera, suela, ruido, chapuza, floja, flojo, no ~ original,
            silencioso, cumple su función, inútil, terminación, fácil de armar, facil de armar, fácil de montar,
            inestable, compacto, rígido, débil, resistir, se rompió, cumple ~ funciones, cumple ~ propósito, ruidoso,
            potente, batería, rendimiento, aroma, textura, desgarrar, pelusa, bolitas, descolorido, producto ~
            genial, me gustó ~ producto, buenos productos, productos ~ buenos, excelentes productos, no pesa, bien
            acabado, mal acabado, sonido, seguro y cómodo, cómodo y, cómodo para, funcionando como el primer día,
            como el primer día, sigue funcionando, siguen funcionando, sigue como nuevo, como nuevo, dejó de ir, dejó
            de cargar, no arranca, no se enciende, se apaga, se apagó, se calienta, no carga bien, no calienta, no
            enfría, no pega, no agarra, no sujeta, no hace efecto, sin efecto, ningún efecto, no noto, no se nota
            nada, no me funcionó, buenos resultados, muy finas, muy finos, muy fino, muy fina, más fina, más fino,
            demasiado fino, demasiado fina, tela fina, casi transparente, gramaje, más gruesa, grueso, gruesa, mal
            confeccionado, bien confeccionado, confeccionados, confección, mal cosido, bien cosido, se descose,
            descosido, descosida, se deshilacha, deshilachado, se despega, despegado, se decolora, destiñe, destiñó,
            desteñido, encogió, encoge, se rasga, rasgó, se raja, rajado, rajada, se rompe, se rompen, se me rompió,
            se ha roto, partido por, partida por, se dobla, doblado, torcido, torcida, mustio, mustia, mustias,
            marchito, marchita, podrido, podrida, mohoso, moho, caducado, caducada, rancio, rancia, delicioso,
            deliciosa, deliciosos, riquísimo, riquísima, muy rico, muy rica, sabrosa, sabroso, incomible, frescura,
            muy frescos, sin sabor, insípido, buenísimo ~ producto, producto ~ buenísimo, producto de calidad,
            productos de calidad, lo barato sale caro, barato sale caro, malísimo producto, producto malísimo,
            producto pésimo, un timo de producto, de juguete, parece de juguete, plástico malo, plástico barato,
            plasticucho, cutre, mierda de, una mierda, chatarra, aparatoso, engorroso, difícil de instalar, difícil
            de montar, imposible de montar, capaz de instalar, capaz de instalarlo, instalarlo, instalarla, fácil de
            instalar, fácil instalación, fácil montaje, fácil de limpiar, =montarlo, =montarla, montar ~ mueble,
            estantería en el suelo, se me fue ~ pantalla, sin batería, dura poco, duró, duraron, aguanta, aguantan,
            aguantó, irritación, irrita, alergia, reseca, hidrata, huele mal, huele bien, huele a plástico, se mueve
            mucho, se desmonta, chirría, se atasca, se traba, una basura, es basura, auténtica basura, se =parte, se
            partió, se partieron, en perfecta condición, tara, tarado, tarados, resistente, satisfecho con el
            producto, satisfecha con el producto, producto en perfecto estado, productos en perfecto estado, artículo
            en perfecto estado, producto en perfectas condiciones, productos en perfectas condiciones""",
        "fit": """=talla, =tallas, tallar, tallaje, mi número, número de zapato, quedar ~ grande, quedar ~ pequeño,
            queda ~ bien, quedar ~ pequeña, queda grande, queda pequeño, queda perfecto, queda como, demasiado
            grande, demasiado pequeño, muy grande, muy pequeño, apretado, ajustado, estrecho, ancho, muy largo,
            demasiado largo, holgado, medida, medidas, color, colores, tono, foto, fotos, como en la foto, igual que
            en la foto, imagen, imágenes, descripción, como se describe, según lo descrito, tal como se ve, no
            corresponde, no coincide, anunciado, lo anunciado, guía de tallas, sienta bien, sienta genial, manga,
            mangas, tacón, cintura, holgada, estrechos, horma, el ajuste, ajuste perfecto, tamaño, dimensiones,
            especificaciones, especificado, cumple ~ características, características del producto, idéntico,
            idéntica, talle, entallado, calce, como se muestra, media talla, un número más, un número menos, queda
            chico, muy chico, engañoso, engañosa, más grande de lo, más pequeño de lo, más pequeño que, más grande
            que, tal cual ~ foto, tal cual ~ fotos, tal cual ~ imagen, tal cual ~ descripción, tal cual se ve, tal
            cual se muestra, tal cual aparece, tal cual la foto, tal cual las fotos, tal cual lo describen, me
            aprieta, me aprietan, aprieta mucho, aprietan mucho, aprieta un poco, aprietan un poco, me va grande, me
            va pequeño, me va perfecto, me quedó, me quedan, me queda, le queda, quedan grandes, quedan pequeños,
            queda enorme, queda estrecho, sientan bien, sientan genial, sienta como un guante, como un guante, me
            viene grande, me viene pequeño, viene grande, viene pequeño, talla más, talla menos, tallan grande,
            tallan pequeño, talla pequeño, no es como en la foto, nada que ver con la foto, nada que ver con las
            fotos, nada que ver con la imagen, nada que ver con lo, no se parece a, no se parece en nada, no es lo
            que se ve, no es lo que aparece, publicidad engañosa, más oscuro, más claro que, cumple con lo descrito,
            según descripción, en ningún lado ponía, en ningún sitio ponía, no pone que, no ponía que, no especifica,
            no especificaba, no indica, no indicaba, no avisa que, como se ve en, muy justo, muy justa, muy anchas,
            muy ancho, muy estrecha, demasiado corto, muy corto, queda corto, quedan cortos, quedaba corto, tallan,
            se corresponde con la foto, como en las fotos, concuerda""",
        "price": """precio, precios, =caro, =cara, =caros, carísimo, carísima, barato, barata, baratos, económico,
            coste, costo, costar, gastos, tarifa, descuento, descuentos, oferta, ofertas, rebaja, rebajas, rebajado,
            promoción, relación calidad precio, asequible, vale la pena el dinero, chollo, ganga, pagué ~ precio,
            pagar ~ precio, precio completo, dinero tirado, tirar el dinero, más barato, gastos de envío, precio
            calidad, competitivo, por lo que cuesta, carero, envío gratuito, a buen precio, cobran demasiado,
            carillo, carillos, carilla, carete, carísimos, carísimas, baratas, baratísimo, baratito, en otras
            páginas, que en otros sitios, que en otras webs, que en otras tiendas, que en otro sitio, calidad precio,
            relación precio calidad, relación calidad, precio imbatible, precios imbatibles, precios bajos, precios
            altos, un ojo de la cara, una pasta, un dineral, un robo, vale lo que cuesta, no vale lo que cuesta, no
            vale la pena el dinero, no lo vale, por ese dinero, por ese precio, por este precio, por el precio,
            costaba, valía la mitad, envío caro, portes, envíos gratis, black friday, promociones, promo, más
            económico, económica, económicos, económicas, subido el precio, subieron, sobreprecio, inflado, inflados,
            prohibitivo, desorbitado, abusivo, aranceles, =caras""",
        "payment": """pago, pagos, al pagar, pagar con, pagar a plazos, pagar contra, contra reembolso, forma de pago,
            formas de pago, método de pago, paypal, bizum, klarna, tarjeta, tarjeta de crédito, factura, facturas,
            facturar, cobrar dos veces, cobraron ~ veces, cobro, cobrado, carrito, cesta, transferencia, ya pagado,
            plazos sin, rechazaron ~ tarjeta, tarjeta rechazada, pago rechazado, cuotas, cargo duplicado, cobraron
            doble, cobraron dos veces, pasarela, checkout, mercado pago, pagar en, pagar la compra, pagar el pedido,
            no me deja pagar, no deja pagar, no pude pagar, a la hora de pagar, pagos seguros, apple pay, google pay,
            contrarreembolso, doble cobro, cobraron de más, me cobraron, cobrado dos veces, cargo en mi, cargo en la,
            tarjeta de débito, a meses sin intereses, meses sin intereses, oxxo, mi banco, pago seguro, factura con""",
        "website": """web, página, página web, sitio web, tienda online, tienda en línea, app, aplicación,
            buscador, navegación, navegar, filtro, filtros, iniciar sesión, entrar en mi cuenta, mi
            cuenta, contraseña, fácil de usar, intuitiva, intuitivo, comprar fue, comprar es fácil, compra
            fácil, fácil de comprar, fácil comprar, sencillo comprar, proceso de compra, hacer el pedido,
            hacer un pedido, pedido fácil, el sitio, este sitio, su sitio, se cuelga, la aplicación se
            cierra, carga lento, carrito se vacía, fácil realizar el pedido, fácil hacer, fácil de
            navegar, fácil pedir, realizar el pedido, realizar ~ pedido, realizar la compra, hacer la
            compra, compra online ~ fácil, compra ~ sencilla, compra muy sencilla, no carga la, pantalla
            en blanco, da error, me da error, crear una cuenta, crear cuenta, registrarme, registrarse,
            loguear, iniciar la sesión, lista de deseos, en pocos clics, en dos clics, pocos clics,
            versión móvil, desde el móvil, ficha del producto, ficha de producto""",
        "returns": """devolución, devoluciones, reembolso, reembolsar, devolver ~ dinero, devuelvan ~ dinero,
            devolvieron ~ dinero, garantía, cambio de talla, reemplazo, reemplazar, repuesto, sustituir, sustitución,
            me enviaron otro, abono, recuperar ~ dinero, reintegro, canje, me cambiaron ~ producto, cambio del
            producto, mi dinero sin aparecer, dinero sin aparecer, el dinero de vuelta, dinero de vuelta, devuelto ~
            dinero, reembolsado, reembolsaron, reintegraron, reintegrar, ingresaron el dinero, cambio de producto,
            hacer ~ cambio de talla, etiqueta de devolución, lo devolví, la devolví, recogida gratuita, en garantía,
            reparar, reparación, repararon, me lo cambiaron, me la cambiaron, lo cambiaron, me enviaron uno nuevo, me
            mandaron uno nuevo, tramitar la devolución, =cambiármelo, =cambiármela, anular el pedido, un abono,
            abonado el""",
        "service": """servicio, atención al cliente, servicio al cliente, servicio técnico, soporte, atender, personal,
            dependiente, dependienta, empleado, empleada, amable, amables, amabilidad, simpático, simpática, borde,
            maleducado, maleducada, grosero, educado, trato, profesional, profesionales, profesionalidad, asesorar,
            asesoramiento, consejo, aconsejar, solucionar, arreglar ~ enseguida, lo arreglaron, me trataron, bien
            atendido, bien atendida, mal atendido, ignorar, dispuestos a ayudar, servicial, asesor, asesora, cordial,
            cordialidad, vendedor, vendedora, posventa, postventa, muy atentos, paciencia, resolvieron ~ dudas,
            resolver ~ dudas, resolvieron ~ problema, buena atención, excelente atención, mala atención, pésima
            atención, atención rápida, me colgaron, me cuelgan, colgar el teléfono, se pasan la pelota, pasan la
            pelota, trato al cliente, trato recibido, muy majo, muy majos, maja, majos, encantadora, encantadores,
            atentísimos, súper atentos, muy atento, muy atenta, nos atendieron, me atendieron, atendió, atendieron,
            mal trato, buen trato, falta de respeto, prepotente, prepotentes, chulería, groseros, grosera,
            incompetente, incompetentes, pasan de ti, pasan de todo, se desentienden, se lavan las manos, no se hacen
            cargo, no se hacen responsables, me ayudaron mucho, gestión rápida, me solucionaron, solucionaron,
            solucionado, sin solución, ninguna solución, dieron solución, dan solución, dieron una solución, la
            atención y, la atención muy, la atención es, la atención fue, la atención excelente, atención, me tratan,
            te tratan, nos tratan, solucionado rápidamente, se solucionó, fue solucionado, remediar mi problema,
            resolver mi problema""",
        "contact": """devolver ~ llamada, devolvió ~ llamada, teléfono, por teléfono, llamar, llamada, llamadas, email,
            emails, e mail, mensaje, mensajes, whatsapp, responder, respuesta, respuestas, contestar, contestación,
            contactar, contacto, comunicación, comunicar, comunicarse, informar, informado, información del pedido,
            avisar, notificar, notificación, rastreo, rastrear, chat, chatbot, sin noticias, sin explicación, sin
            explicaciones, ninguna explicación, localizar, no contestan, atienden el teléfono, no me dieron
            respuesta, no ~ recibido respuesta, recibido respuesta, recibir respuesta, recibido contestación,
            musiquita, línea ocupada, no cogen, no coge, no cogen el teléfono, nadie contesta, nadie responde, no
            responden, no contesta, ni contestan, me dejan en visto, en visto, centralita, sms, formulario, me
            informaron, me avisaron, sin avisar, sin previo aviso, no dan señales, sin respuesta, ninguna respuesta,
            he escrito varias, escribí varias, =correo, correo electrónico, correos electrónicos""",
        "personalisation": """personalizado, personalizada, personalizar, personalización, a medida, nota
            escrita, nota a mano, escrita a mano, escrito a mano, recomendaciones, sugerencias, para mi
            piel, para mi tipo, mis gustos, mis necesidades, trato personal, qué detalle, detalle
            personal, grabado, grabada con, su nombre, con el nombre, con mi nombre, notita, nota
            personal, tarjeta escrita, dedicatoria, bordado con, personalizados, personalizadas, hecho a
            medida, me recomiendan, recomendaciones personalizadas""",
        "rewards": """mis puntos, puntos acumulados, canjear ~ puntos, fidelidad, programa de fidelidad, tarjeta de
            cliente, tarjeta regalo, boletín, newsletter, cupón, cupones, código de descuento, código promocional,
            vale de descuento, cliente desde, clienta desde, cliente habitual, clienta habitual, correos
            publicitarios, publicidad, spam, premios, socio, =puntos, puntos caducados, puntos caducan, acumular
            puntos, sumar puntos, canjear puntos, mi cupón, código descuento, vale descuento, vales de descuento,
            tarjeta de puntos, tarjeta de fidelidad, club de clientes, cliente fiel, clienta fiel, clientes fieles,
            clientes habituales, recompensa, recompensas, cashback, programa de puntos, correos promocionales,
            demasiados correos, darme de baja, darse de baja, regalo de cumpleaños, regalo de bienvenida, cheque
            regalo, código amigo, invitar a un amigo""",
        "community": """=opiniones, =reseñas, =valoraciones, otros clientes, otros compradores,
            comentarios de, los comentarios, foro, comunidad, opiniones de, las reseñas, las opiniones, mi
            reseña, mi opinión negativa, mis reseñas, reseña negativa, reseñas falsas, opiniones falsas,
            comentarios negativos, comentarios positivos, comentarios de otros, malas críticas, buenas
            críticas, las críticas, trustpilot, otras clientas, otros usuarios, grupo de facebook, borran
            las, borraron mi""",
        "character": """ambiente, atmósfera, estilo propio, tienda bonita, tienda preciosa, bonita tienda,
            sostenible, sostenibilidad, ecológico, ecológica, medio ambiente, medioambiente, respetuoso,
            local, productos locales, artesanal, artesano, comercio justo, reciclado, reciclable,
            personalidad, alma, con encanto, encanto de la, mucho encanto, reciclar, reciclables,
            reciclada, biodegradable, compostable, eco friendly, huella de carbono, plástico innecesario,
            sin plástico, sin plásticos, hecho en españa, fabricado en españa, producto nacional, producto
            español, empresa española, pequeño comercio, comercio local, negocio local, empresa familiar,
            segunda mano, vegano, cruelty free, planeta, tienda con encanto, valores de la marca, sus
            valores, artesanos, artesanía, artesanales, ecológicos, ecológicas, sostenibles""",
    },
    unless_denied={
        "packaging": """dañado, dañada, abollado, abollada, aplastado, aplastada, golpeado, golpeada, rasgado,
            caja rota, paquete roto, embalaje roto""",
        "quality": """romper, roto, rota, rotos, defecto, defectos, defectuoso, defectuosa, rayado, rayada,
            arañazo, arañazos, agujero, agrietado, tara, estropear, estropeado""",
        "returns": """devolver, devolverlo, devolverla, devolví, cambiar ~ talla, cambiaron por, cambiaron ~ talla,
            retornar, =cambiarlo, =cambiarla, =cambiarlos, =cambiarlas""",
        "service": "reclamación, reclamaciones, reclamar, queja, quejas, quejarse, quejarme",
    },
    if_alone={
        "quality": """incómodo, abolladura, no funciona, no funcionaba, funciona bien, funciona perfecto, funciona
            perfectamente, funciona de maravilla, no sirve, dejar de funcionar, no funcionar, fallo, fallos,
            resistente, resistencia, robusto, frágil, endeble, práctico, práctica, útil, funcional, armado, montaje,
            diseño, eficiente, ligero, liviano, firme, estable, inestable, funcionar, funcionando, pantalla, cómodo,
            cómodos""",
        "delivery": """=esperar, =esperando, =espera, =esperé, tarde, correos, paquete, sigo esperando el, sigo
            esperando mi, llegar, llegada, rápido, rápida, rápidos, rapidísimo""",
        "packaging": "caja, protegido",
        "service": "ayudar mucho, me ayudó, resolver, solución, me ayudaron",
        "completeness": "completo, completa",
    },
    sayings="""de cara al, de cara a, falta de información, la falta de, hace falta, haga falta, sin falta, días que
        faltan, a la basura, llama la atención, llamar la atención, a mi parte, por otra parte, en la parte, la
        mayor parte, de mi parte, por parte de, ha cambiado mucho, poca vergüenza, me llega un mensaje, llega un
        mensaje, llega un correo, llegado un correo, llegó un correo, me llegó un correo, trato de, tratar de, se
        trata de, trataba de""",
    things="""producto, artículo, prenda, ropa, camiseta, camisa, sudadera, jersey, vestido, falda, pantalón, vaquero,
        chaqueta, abrigo, bañador, zapatilla, zapa, zapato, bota, sandalia, calcetín, guante, bufanda, gorra,
        cinturón, bolso, mochila, maleta, cartera, reloj, anillo, collar, pulsera, pendiente, gafa, disfraz,
        teléfono, móvil, funda, cargador, cable, auricular, altavoz, teclado, ordenador, portátil, tableta, cámara,
        televisor, impresora, cartucho, batería, lámpara, silla, mesa, sofá, cama, colchón, almohada, manta, toalla,
        alfombra, cortina, estantería, sartén, cuchillo, taza, botella, cafetera, batidora, aspiradora, máquina,
        aparato, taladro, herramienta, tienda de campaña, bicicleta, casco, juguete, muñeca, puzle, juego, libro,
        crema, champú, perfume, jabón, vela, té, café, vino, chocolate, planta, calzado, género""",
    verdicts="""bueno, buen, buena, buenísimo, excelente, perfecto, perfecta, genial, fantástico, fantástica, estupendo,
        magnífico, magnífica, increíble, espectacular, ideal, maravilloso, maravillosa, malo, pésimo, horrible,
        fatal, defectuoso, malísimo""",
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
