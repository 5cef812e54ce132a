"""`/v1/products` and `/v1/prices`: https://docs.stripe.com/products-prices/overview."""

from tourpad.sandbox import config, render
from tourpad.sandbox.errors import Obj, missing, refused
from tourpad.sandbox.events import emit
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx
from tourpad.sandbox.unsupported import refuse

PRODUCT_FIELDS = (
    "active",
    "description",
    "images",
    "name",
    "shippable",
    "statement_descriptor",
    "unit_label",
    "url",
    "tax_code",
)
NOT_DONE = (
    "tiers",
    "tiers_mode",
    "transform_quantity",
    "custom_unit_amount",
    "currency_options",
    "unit_amount_decimal",
)


@operation("POST", "/v1/products")
def create_product(tx: Tx, call: Call) -> Obj:
    """Create a product, under an id of one's own if one is given."""
    given = call.params
    product_id = given.get("id") or tx.new_id("prod", 14)
    if tx.find(product_id) is not None:
        message = "Product already exists."
        raise refused(message, code="resource_already_exists", param="id")
    product: Obj = {
        "id": product_id,
        "object": "product",
        "active": True,
        "created": tx.now,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": given.get("marketing_features", []),
        "metadata": render.metadata({}, given.get("metadata")),
        "name": given["name"],
        "package_dimensions": given.get("package_dimensions"),
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "unit_label": None,
        "updated": tx.now,
        "url": None,
    }
    product.update({name: render.cleared(given[name]) for name in PRODUCT_FIELDS if name in given})
    tx.add(product)
    emit(tx, "product.created", product)
    if given.get("default_price_data"):
        price = make_price(tx, {**given["default_price_data"], "product": product_id})
        product["default_price"] = price["id"]
        tx.save(product)
    return product


@operation("GET", "/v1/products/{id}")
def product(tx: Tx, call: Call) -> Obj:
    """Return a product."""
    return tx.get(call.id, "product")


@operation("POST", "/v1/products/{id}")
def update_product(tx: Tx, call: Call) -> Obj:
    """Change a product."""
    found, given = tx.live(call.id, "product"), call.params
    found.update({name: render.cleared(given[name]) for name in PRODUCT_FIELDS if name in given})
    if "default_price" in given:
        found["default_price"] = tx.get(given["default_price"], "price", "default_price")["id"]
    if "metadata" in given:
        found["metadata"] = render.metadata(found["metadata"], given["metadata"])
    found["updated"] = tx.now
    tx.save(found)
    emit(tx, "product.updated", found, {})
    return found


@operation("DELETE", "/v1/products/{id}")
def delete_product(tx: Tx, call: Call) -> Obj:
    """Delete a product that never had a price."""
    found = tx.live(call.id, "product")
    if tx.select("price", {"product": found["id"]}, limit=1):
        message = "This product cannot be deleted because it has one or more user-created prices."
        raise refused(message)
    tx.delete(found)
    emit(tx, "product.deleted", found)
    return {"id": found["id"], "object": "product", "deleted": True}


@operation("GET", "/v1/products")
def products(tx: Tx, call: Call) -> Obj:
    """List products, or those of given ids."""
    params = dict(call.params)
    ids = params.pop("ids", None)
    if ids is not None:
        found = [row for row in (tx.find(one, "product") for one in ids) if row and not row.get("deleted")]
        return render.listing(found, "/v1/products")
    return render.page(tx, "product", params, "/v1/products")


def make_price(tx: Tx, given: Obj) -> Obj:
    """Make and store a price of a product, new (`product_data`) or known."""
    refuse(given, *NOT_DONE)
    if given["currency"] != config.CURRENCY:
        message = f"Invalid currency: {given['currency']}. The sandbox's account settles in {config.CURRENCY} only."
        raise refused(message, param="currency")
    if given.get("unit_amount") is None:
        message = "Missing required param: unit_amount."
        raise refused(message, code="parameter_missing", param="unit_amount")
    if given["unit_amount"] < 0:
        message = "Invalid non-negative integer"
        raise refused(message, code="parameter_invalid_integer", param="unit_amount")
    recurring: Obj | None = given.get("recurring")
    if recurring and recurring.get("usage_type", "licensed") != "licensed":
        message = "The sandbox bills licensed prices only."
        raise refused(message, param="recurring[usage_type]")
    price: Obj = {
        "id": tx.new_id("price_1", 23).replace("price_1_", "price_1"),
        "object": "price",
        "active": given.get("active", True),
        "billing_scheme": "per_unit",
        "created": tx.now,
        "currency": given["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": _lookup_key(tx, given),
        "metadata": render.metadata({}, given.get("metadata")),
        "nickname": given.get("nickname"),
        "product": _product_of(tx, given),
        "recurring": {
            "interval": recurring["interval"],
            "interval_count": recurring.get("interval_count", 1),
            "meter": None,
            "usage_type": "licensed",
        }
        if recurring
        else None,
        "tax_behavior": given.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": given["unit_amount"],
        "unit_amount_decimal": str(given["unit_amount"]),
    }
    tx.add(price)
    emit(tx, "price.created", price)
    return price


def _lookup_key(tx: Tx, given: Obj) -> str | None:
    key: str | None = given.get("lookup_key")
    for other in tx.select("price", {"lookup_key": key}) if key else ():
        if not given.get("transfer_lookup_key"):
            message = f"A price (`{other['id']}`) already uses that lookup key."
            raise refused(message, param="lookup_key")
        other["lookup_key"] = None
        tx.save(other)
        emit(tx, "price.updated", other, {"lookup_key": key})
    return key


def _product_of(tx: Tx, given: Obj) -> str:
    if given.get("product"):
        return tx.get(given["product"], "product", "product")["id"]
    if given.get("product_data"):
        return create_product(tx, Call((), given["product_data"]))["id"]
    message = "Missing required param: product."
    raise refused(message, code="parameter_missing", param="product")


@operation("POST", "/v1/prices")
def create_price(tx: Tx, call: Call) -> Obj:
    """Create a price."""
    return make_price(tx, call.params)


@operation("GET", "/v1/prices/{price}")
def price(tx: Tx, call: Call) -> Obj:
    """Return a price."""
    return tx.get(call.id, "price")


@operation("POST", "/v1/prices/{price}")
def update_price(tx: Tx, call: Call) -> Obj:
    """Change what may change of a price: never its amount."""
    found, given = tx.live(call.id, "price"), call.params
    refuse(given, "currency_options")
    if "lookup_key" in given:
        found["lookup_key"] = _lookup_key(tx, given) if given["lookup_key"] else None
    for name in ("active", "nickname", "tax_behavior"):
        if name in given:
            found[name] = render.cleared(given[name])
    if "metadata" in given:
        found["metadata"] = render.metadata(found["metadata"], given["metadata"])
    tx.save(found)
    emit(tx, "price.updated", found, {})
    return found


@operation("GET", "/v1/prices")
def prices(tx: Tx, call: Call) -> Obj:
    """List prices, by product, lookup keys, activity."""
    params = dict(call.params)
    where: Obj = {}
    if "lookup_keys" in params:
        where["lookup_key"] = params.pop("lookup_keys")
    params.pop("recurring", None)
    return render.page(tx, "price", params, "/v1/prices", where)


def load_price(tx: Tx, price_id: str, param: str) -> Obj:
    """Return a price that can be bought."""
    found = tx.find(price_id, "price")
    if found is None:
        raise missing("price", price_id, param)
    if not found["active"]:
        message = "The price specified is inactive. This field only accepts active prices."
        raise refused(message, param=param)
    return found
