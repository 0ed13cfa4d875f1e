"""The shipped words of Portuguese, of Portugal and of Brazil."""

from pipeline.core.attitude.vocabulary import Vocabulary

PORTUGUESE = Vocabulary(
    words={
        "delivery": """antes do anunciado, recebi ~ antes, recebido ~ antes, até agora nada, não mandaram, não enviaram,
            logística, antes do programado, entrega, entregas, entregar, entregue, entregou, transportadora,
            transporte, transportador, carteiro, estafeta, sedex, motoboy, prazo, prazos, atraso, atrasar, atrasado,
            atrasada, pontual, pontualidade, a tempo, antes do previsto, data prevista, previsão, não ~ recebi, nunca
            recebi, não recebi, ainda não recebi, recebi antes, recebi ~ rápido, recebi no dia, recebi em, recebi ~
            dias, =esperando ~ produto, rastreamento, rastreio, estou ~ espera, a caminho, não veio ainda, nada de
            chegar, extraviado, extravio, extraviar, frete, só recebi dia, só recebi no dia, recebi dia, chegou tudo
            certo, chegou tudo certinho, recebi ~ dia, receber ~ rápido, perfeito estado, ótimo estado, otimo estado,
            bom estado, perfeitas condições, taxa de entrega, semanas depois, frete grátis, nada do produto, nada do
            pedido, =dias depois, rastrear, código de rastreio, endereço errado""",
        "delivery_options": """ponto de recolha, ponto de coleta, pontos de recolha, retirar ~ correio, retire ~
            correio, retirar na, retirar no, retirada, buscar no, buscar nos, buscar na, buscar ~ correio,
            buscar ~ correios, levantar na loja, recolher, vizinho, vizinha, porteiro, portaria, outro dia,
            outro endereço, endereço errado, mudar ~ endereço, alterar ~ endereço, mudança de endereço, horário
            de entrega, agendar, agendamento, agendada, sábado, fim de semana, agência dos correios, escolher ~
            dia, pegar no correio, pegar nos correios, pegar no correios, ir até os correios, ir ~ correios""",
        "packaging": """embalagem, embalagens, embalar, embalado, embalada, embalados, empacotado, papelão,
            cartão canelado, plástico bolha, embrulho, embrulhar, embrulhado, bem protegido, mal protegido,
            acondicionado, demasiado plástico, muito plástico, lacrado, plástico demais""",
        "completeness": """faltou, faltando, faltaram, incompleto, incompleta, produto errado, entregue errado,
            entregaram ~ errado, chegou errado, chegou ~ errado, veio errado, artigo errado, tamanho errado, cor
            errada, modelo errado, pedido errado, trocaram, veio outro, outro produto, outro modelo, veio apenas,
            veio só, só veio, recebi apenas, recebi só, recebi somente, só recebi, somente ~ produto, veio somente,
            só recebi um, parte do pedido, metade do pedido, parte da encomenda, metade da encomenda, o que pedi, o
            que comprei, produto correto, um dos produtos, os dois produtos, diferente do que comprei, diferente do
            que pedi, diferente do pedido, chegou tudo certo, chegou tudo certinho, recebi tudo certo, recebi tudo
            certinho, receber tudo certo, veio tudo certo, veio tudo certinho, tudo chegou certo, tudo chegou
            certinho, chegou certinho, veio certinho, somente a metade, apenas metade, entregue somente, entregue
            apenas, entregaram apenas, entregaram somente, só chegou, só entregaram, pedido completo, do jeito que ~
            pedi, como comprei, exatamente como ~ pedi, exatamente ~ comprei, sem manual, sem acessórios, não veio,
            veio sem, veio faltando, veio incompleto, só veio um, só veio uma, produtos corretos, chegou correto,
            veio correto, entregaram outro, foi entregue outro, entregue outro, recebi outro, enviaram outro,
            mandaram outro, chegou ~ apenas, chegou apenas, chegou uma unidade, chegou ~ unidade, que eu pedi, veio
            tudo em ordem, recebi uma unidade, só um ~ dentro, tudo completo, veio errada, veio trocado, veio
            trocada, produto trocado, produtos trocados, mercadoria trocada, cor divergente, produto divergente,
            modelo divergente""",
        "stock": """=esgotado, =esgotada, =esgotados, estoque, stock, indisponível, disponível, disponibilidade,
            em falta, no meu tamanho, meu tamanho ~ esgotado, tamanho ~ esgotado, repor, =cancelaram, foi
            cancelado, foi cancelada, =cancelado, não tem mais, não tinha ~ produto, não tinham ~ produto,
            acabou o estoque, não tinha em estoque""",
        "choice": """variedade, sortimento, escolha, =opções, gama, =marcas, catálogo, coleção, seleção, tem de tudo,
            muita opção, diversidade, tamanhos grandes, =variado, =variada, =variados""",
        "quality": """qualidade, material, materiais, tecido, costura, costuras, acabamento, acabamentos, durar,
            durável, durou, fraco, fraca, desgaste, desgastado, descosturou, descolar, descolou, soltar, soltou,
            solta, desbotar, desbotou, encolher, encolheu, transparente, não liga, não ligou, parou de
            funcionar, deixou de funcionar, não presta, não serve para nada, não carrega, confortáveis,
            conforto, macio, macia, falso, falsificado, falsificação, réplica, pirata, paralelo, cheiro,
            cheiroso, perfume fixa, fixação, sabor, bom produto, bons produtos, ótimo produto, ótimos produtos,
            excelente produto, produtos ~ excelentes, produtos ~ bons, produtos ~ ótimos, maravilhoso produto,
            péssimo produto, mau produto, lindo produto, produto lixo, belo produto, muito bom o produto, bem
            feito, bem feita, bem acabado, descascar, descascando, cumpre ~ promete, cumpre ~ função,
            desempenho, couro, potente, mal feito, mal feita, ruim, lixo, porcaria, mancha, manchas, manchado,
            veio com problema, vazando, enferrujado, torto, torta, problema com o produto, problema no produto,
            produto com problema, produto excelente, produto é excelente, produto e excelente, produto muito
            excelente, produto é muito excelente, produtos são excelente, produto ótimo, produto é ótimo,
            produto e ótimo, produto muito ótimo, produto é muito ótimo, produtos são ótimo, produto otimo,
            produto é otimo, produto e otimo, produto muito otimo, produto é muito otimo, produtos são otimo,
            produto bom, produto é bom, produto e bom, produto muito bom, produto é muito bom, produtos são bom,
            produto boa, produto é boa, produto e boa, produto muito boa, produto é muito boa, produtos são boa,
            produto maravilhoso, produto é maravilhoso, produto e maravilhoso, produto muito maravilhoso,
            produto é muito maravilhoso, produtos são maravilhoso, produto perfeito, produto é perfeito, produto
            e perfeito, produto muito perfeito, produto é muito perfeito, produtos são perfeito, produto lindo,
            produto é lindo, produto e lindo, produto muito lindo, produto é muito lindo, produtos são lindo,
            produto péssimo, produto é péssimo, produto e péssimo, produto muito péssimo, produto é muito
            péssimo, produtos são péssimo, produto ruim, produto é ruim, produto e ruim, produto muito ruim,
            produto é muito ruim, produtos são ruim, produto top, produto é top, produto e top, produto muito
            top, produto é muito top, produtos são top, produto nota dez, produto nota 10, adorei a qualidade,
            oxidar, enferrujar, impermeável, desconfortável, deformar, mole, zíper, mal acabado, película ~
            excelente, problema técnico, problemas técnicos, não ~ original""",
        "fit": """tamanho, tamanhos, numeração, número menor, número maior, meu número, não serve, não coube,
            cabe, coube, apertado, apertada, largo, larga, muito grande, grande demais, curto, curta, comprido,
            folgado, medida, medidas, dimensões, caimento, cor, cores, tom, tonalidade, foto, fotos, imagem,
            imagens, figura, descrição, descrito, descrita, descritos, conforme descrito, como descrito,
            anúncio, anunciado, anunciada, conforme anunciado, conforme anuncio, condiz, condizente, corresponde
            ~ anúncio, corresponde ~ descrição, corresponde ~ foto, de acordo com ~ site, conforme ~ site, igual
            ~ foto, igual ao da foto, propaganda enganosa, igual ao anúncio, especificação, especificações,
            diferente do que ~ site, modelo diferente, incompatível, não é compatível, manga, mangas, salto,
            cintura, aperta, justa demais, =pequeno, =pequena, menor que, menor do que, maior que, maior do que,
            =serviu, =serviram""",
        "price": """preço, preços, =caro, =cara, caros, caríssimo, barato, barata, baratos, custo, custar, custou, custo
            benefício, desconto, descontos, promoção, promoções, oferta, ofertas, saldos, econômico, económico,
            acessível, dinheiro jogado fora, jogar dinheiro, pechincha, portes, paguei ~ preço, pagar ~ caro, paguei
            ~ caro, taxa de entrega, taxa, frete ~ caro, frete caro, frete alto, frete grátis, valor do frete, caro
            pelo frete, cobrando frete, cobrar frete, cobraram frete, valor alto, valor baixo, valor bom, bom valor,
            ótimo valor, valor justo, valor acessível, valor cobrado, valor absurdo, valor do produto, valores bons,
            pelo valor""",
        "payment": """pagamento, pagamentos, forma de pagamento, pagar com, boleto, cartão de crédito, pix,
            mbway, paypal, multibanco, parcela, parcelas, parcelado, parcelamento, parcelar, fatura, nota
            fiscal, no cartão, meu cartão, =nf, nfe, recibo, cobrado duas vezes, carrinho de compras,
            transferência, débito, já paguei, pagar =no cartão, cartão recusado, cartão ~ recusado, pagamento
            recusado, =cobrado, cobraram""",
        "website": """website, página, loja online, loja virtual, app, aplicativo, aplicação, pesquisa no site,
            navegação, navegar, filtros de, login, minha conta, senha, fácil de comprar, fácil de usar, compra
            fácil, comprar é fácil, processo de compra, fazer o pedido, facilidade de compra, facilidade na
            compra, site fácil, site lento, site confuso, site ~ trava, site ruim, site bom, site ótimo, site ~
            fácil, site ~ lento, site ~ confuso, navegar no site, site ~ desejar""",
        "returns": """devolução, devoluções, reembolso, reembolsar, estorno, estornar, estornado, ressarcido,
            ressarcimento, ressarcir, dinheiro de volta, devolver ~ dinheiro, devolução do dinheiro, troca,
            trocas, garantia, assistência, reposição, substituir, substituição, reenvio, reenviar, reenviaram,
            vale troca, vale compra""",
        "service": """atendimento, serviço, serviços, atendente, atendentes, atencioso, atenciosa, atenciosos, apoio ao
            cliente, suporte, sac, pós venda, funcionário, funcionária, funcionários, simpático, simpática, educado,
            educada, mal educado, grosseiro, prestativo, prestativa, gentil, amável, profissional, profissionais,
            profissionalismo, suporte ao cliente, descaso, despreparo, respeito, desrespeito, falta de respeito,
            burocracia, bem atendido, bem atendida, fui atendido, fui atendida, mal atendido, atenderam bem""",
        "contact": """telefone, por telefone, telefonar, ligar, ligação, ligações, ligo, ligou, liguei, email, e mail,
            emails, mensagem, mensagens, whatsapp, responder, resposta, respostas, responderam, respondem, responde,
            retorno, retornam, retornaram, contato, contatos, contacto, contactar, contatar, contatei, comunicação,
            comunicar, comunicado, informar, informado, informaram, informação, informações, avisar, avisaram,
            notificação, acompanhamento, acompanhar, chat, satisfação ~ prazo, nenhuma satisfação, não dão
            satisfação, deram satisfação, não ~ deram satisfação, deram ~ satisfação, sem notícias, notícia, nenhuma
            notícia, esclarecimento, esclarecimentos, explicação, explicações, sem explicação, nem sinal, nenhum
            sinal, posição, posicionamento, não consigo falar, falar com, posicionaram, deram retorno, sem aviso, sem
            avisar""",
        "personalisation": """personalizado, personalizada, personalizar, personalização, sob medida, à medida,
            bilhete escrito, escrito à mão, escrita à mão, =cartinha, bilhetinho, =recomendações, =sugestões,
            para a minha pele, meu gosto, meus gostos, minhas necessidades, mimo, mimos, brinde, brindes""",
        "rewards": """meus pontos, pontos acumulados, pontos de fidelidade, fidelidade, programa de fidelidade,
            cartão de cliente, cartão presente, newsletter, cupom, cupons, cupão, código de desconto, código
            promocional, vale desconto, cliente há, cliente desde, cliente fiel, cliente antiga, cliente antigo,
            cashback, publicidade, spam""",
        "community": """=avaliações, =opiniões, comentários de, os comentários, outros clientes, outros
            compradores, resenhas, fórum, comunidade, grupo no facebook""",
        "character": """ambiente da loja, atmosfera, loja bonita, loja linda, linda loja, bonita loja, estilo
            próprio, sustentável, sustentabilidade, ecológico, ecológica, meio ambiente, produtos locais,
            produtos da região, artesanal, comércio justo, reciclado, reciclável, loja encantadora""",
    },
    unless_denied={
        "packaging": """danificado, danificada, danificados, amassado, amassada, amassados, avariado, avariada,
            rasgado, rasgada, violado, violada""",
        "quality": """quebrar, quebrado, quebrada, quebrados, quebrou, partido, partida, defeito, defeitos,
            defeituoso, defeituosa, riscado, riscada, arranhado, arranhada, arranhão, rachado, rachada, furado,
            furo, trincado, estragado, estragada, avariado, falha, falhas""",
        "returns": "devolver, devolvi, devolvido, trocar, trocarem, mandar de volta",
        "service": "reclamação, reclamações, reclamar, queixa, queixas",
    },
    if_alone={
        "quality": """não funciona, não funcionou, não funcionam, funciona bem, funciona perfeitamente,
            funcionando, funcionar, bonito, bonita, lindo, linda, lindos, lindas, confortável, resistente,
            resistência, frágil""",
        "delivery": """rápido, rapidez, rapida, rapidamente, demora, demorar, demorou, demorado, =esperando,
            =espera, =esperar, aguardar, correio, correios, enviar, encomenda, chegar, chegou, chegada, chega,
            envio, =recebi, recebido, receber o produto, recebi o produto""",
        "packaging": "caixa",
        "service": "resolver, resolveram, resolvido, resolveu, resolução, solucionar, solução, solucionado, atenção",
        "completeness": "faltar, falta, completo, completa, quantidade",
    },
    sayings="""falha na entrega, entrega garantida, atendido aos, atendido as, recebi uma resposta, recebi um aviso,
        recebi um email, recebi um e mail, recebi resposta, recebi retorno, recebi nenhuma resposta, descrito na
        nota, data errada, site errou""",
    things="""produto, artigo, mercadoria, peça, vestido, camisa, camiseta, blusa, saia, calça, jaqueta, casaco, sapato,
        tênis, bota, sandália, chinelo, meia, luva, bolsa, mochila, mala, carteira, relógio, anel, colar, pulseira,
        brinco, óculos, celular, capa, capinha, carregador, cabo, fone, caixa de som, teclado, notebook, tablet,
        câmera, televisão, impressora, cartucho, bateria, lâmpada, luminária, cadeira, mesa, sofá, cama, colchão,
        travesseiro, edredom, cobertor, toalha, tapete, cortina, estante, panela, faca, caneca, garrafa, cafeteira,
        liquidificador, aspirador, máquina, aparelho, furadeira, ferramenta, bicicleta, capacete, brinquedo, boneca,
        boneco, cubo, jogo, livro, creme, shampoo, perfume, sabonete, café, vinho, chocolate, planta, kit""",
    verdicts="""bom, boa, ótimo, ótima, otimo, otima, excelente, perfeito, perfeita, maravilhoso, maravilhosa,
        fantástico, incrível, ruim, péssimo, péssima, horrível""",
    negations="não, nao, nenhum, nenhuma, nada, nunca, jamais, sem, nem, ninguém, n",
    conjunctions="mas, porém, embora, contudo, todavia, entretanto, exceto, só que",
    lemmas={
        "atrasada": "atrasar",
        "atrasado": "atrasar",
        "péssima": "péssimo",
        "ótima": "ótimo",
        "otima": "ótimo",
        "otimo": "ótimo",
        "entregue": "entregar",
        "entregues": "entregar",
        "rápida": "rápido",
        "rapida": "rápido",
        "cara": "caro",
        "caras": "caro",
        "boa": "bom",
        "boas": "bom",
        "bons": "bom",
        "para": "para",
        "falta": "faltar",
        "cor": "cor",
    },
)
