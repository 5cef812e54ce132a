"""Words that names are made of."""

FIRST = (
    "Ada Abel Agnes Amara Anders Anita Arlo Asher Beatriz Ben Bianca Bo Bram Callie Camila Carl Cecil Clara "
    "Cleo Cora Dara Delia Desmond Dina Dov Edda Eli Elsa Emeka Esme Ezra Farah Felix Fern Flora Frances Gael "
    "Gideon Greta Gus Hana Hank Hazel Hector Ida Imani Inez Iris Isaac Ivo Jada Jasper Joan Jonas Juno Kai "
    "Kamal Kira Lars Lena Leo Lila Lois Lorenzo Lucia Mabel Mara Marcus Mateo Maya Mei Milo Mina Mona Nadia "
    "Naomi Nell Nico Nils Noor Odette Olga Omar Opal Otis Paloma Pearl Petra Quinn Rafael Ravi Rhea Rosa Rufus "
    "Ruth Sadie Salma Sanna Seth Simone Sol Stella Sven Tamar Tess Theo Tilda Uma Vera Viktor Wanda Wes Willa "
    "Xenia Yara Yusuf Zadie Zeke Zora"
).split()

LAST = (
    "Abbott Achebe Adler Alvarez Baptiste Barlow Bauer Becker Bianchi Bishop Brandt Calloway Castillo Chen "
    "Cohen Cruz Dahl Delgado Diaz Dubois Eberle Ellis Engel Farrow Fischer Flores Foster Friedman Fuentes "
    "Gallo Garcia Goldberg Grant Greene Haddad Hale Hansen Hayashi Herrera Holm Ibarra Ito Jansen Jensen "
    "Kaplan Keller Khan Kim Klein Kowalski Larsen Lee Lindqvist Lopez Lovelace Maddox Marsh Mbeki Mendez Meyer "
    "Moreau Moreno Mueller Nakamura Navarro Nguyen Novak Obi Ochoa Okafor Olsen Ortiz Park Patel Pereira "
    "Petrov Quist Ramos Reyes Rivera Rossi Rowe Ruiz Sandoval Sato Schmidt Silva Singh Soto Stein Suzuki "
    "Tanaka Thorn Torres Vance Vargas Vega Voss Walsh Weber Wolfe Wu Yamada Young Zamora Zhang"
).split()

BAND_FIRST = (
    "Juniper Copper Velvet Porch Paper Hollow Lantern River Marble Tin Amber Cedar Sparrow Harbor Winter "
    "Saffron Quiet Gravel Indigo Orchard Willow Thistle Granite Clover Ember Cinder Plum Meadow Salt Linen"
).split()

BAND_LAST = (
    "Vale Kettle Family Hours Lions Parade Tides Choir Radio Wolves Letters Orchard Union Sisters Brothers "
    "Revival Postcards Almanac Holiday Company Foxes Telegraph Pilots Gardens Machine Society Weather Bridges "
    "Council Standard"
).split()

VENUES = (
    "The {word} Parlor|{word} House|The {word} Barn|{first} & Daughters|"
    "The Back Porch at {first}’s|{word} Loft|The Yellow Door|{first}’s Kitchen Concerts|The Piano Room|"
    "{word} Terrace|The Long Table|The {word} Reading Room"
).split("|")
"""Names of venues are public, so they hold neither street nor family name: in a small town either finds the house."""

VENUE_WORDS = (
    "Bluebird Bookbinder Brass Candlelight Clementine Cricket Firefly Foxglove Gramophone Heron Honeycomb Kingfisher "
    "Lamplight Marigold Moonflower Nightingale Nutmeg Peppermint Quilt Rocking-Chair Starling Teapot Wren"
).split()

STREETS = (
    "Alder Ash Beacon Birch Bridge Canal Cedar Chapel Cherry Church Clay Cottage Court Elm Fern Garden Grove "
    "Hill Juniper Lake Laurel Linden Locust Magnolia Main Maple Meadow Mill Oak Orchard Park Pearl Pine Poplar "
    "Prospect Ridge River School Spring Spruce Summit Sycamore Union Valley Walnut Water Willow"
).split()

GENRES = ("folk", "americana", "jazz", "classical", "indie", "blues", "bluegrass", "soul", "singer-songwriter", "world")

REGIONS = ("OH", "NY", "GA", "IA", "NC", "TN", "PA", "MI", "VT", "WI")
"""States that the season plays in: near enough to each other for a tour, over two time zones."""
